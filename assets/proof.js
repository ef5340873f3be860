// SPDX-License-Identifier: Apache-2.0
// The proof of a record, computed again in the reader's browser: leaf, every node up to the root, and the signature where
// the browser can (Ed25519 in WebCrypto). Nothing the server computed is believed; only its public key is.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const place = document.querySelector("[data-proof]");
  if (!place) return;
  const given = place.dataset;
  const box = place.querySelector("[data-verdict]");
  const text = place.querySelector("[data-text]");
  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const unhex = (digits) => Uint8Array.from(digits.match(/../g) || [], (pair) => parseInt(pair, 16));
  const hex = (data) => [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
    return whole;
  };

  // SHA-256 by WebCrypto; where the page came without TLS browsers lock that away, and this one (FIPS 180-4) computes.
  const fraction = (number, root) => { const value = number ** (1 / root); return ((value - Math.floor(value)) * 4294967296) | 0; };
  const primes = [];
  for (let candidate = 2; primes.length < 64; candidate += 1) if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  const K = primes.map((prime) => fraction(prime, 3));
  const turn = (word, by) => (word >>> by) | (word << (32 - by));
  function block(state, view, offset) {
    const w = Array.from({ length: 16 }, (_, at) => view.getInt32(offset + at * 4));
    for (let at = 16; at < 64; at += 1) {
      const [early, late] = [w[at - 15], w[at - 2]];
      w[at] = (w[at - 16] + (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + w[at - 7] + (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let at = 0; at < 64; at += 1) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[at] + w[at]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    return [a, b, c, d, e, f, g, h].map((word, at) => (word + state[at]) | 0);
  }
  function computed(data) {
    const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64);
    padded.set(data);
    padded[data.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 4, data.length * 8);
    view.setUint32(padded.length - 8, Math.floor(data.length / 0x20000000));
    let state = primes.slice(0, 8).map((prime) => fraction(prime, 2));
    for (let offset = 0; offset < padded.length; offset += 64) state = block(state, view, offset);
    const out = new DataView(new ArrayBuffer(32));
    state.forEach((word, at) => out.setInt32(at * 4, word));
    return new Uint8Array(out.buffer);
  }
  const sha256 = async (data) => (window.crypto?.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", data)) : computed(data));

  // Which side each sibling stands on follows from index and size alone (RFC 9162 section 2.1.3.2).
  function turns(index, size) {
    const found = [];
    let [low, high] = [0, size];
    while (high - low > 1) {
      let half = 1;
      while (half * 2 < high - low) half *= 2;
      const right = index < low + half;
      found.unshift(right);
      [low, high] = right ? [low, low + half] : [low + half, high];
    }
    return found;
  }
  async function climb(record) {
    const path = (given.path ? given.path.split(",") : []).map(unhex);
    const sides = turns(Number(given.index), Number(given.size));
    const way = [await sha256(joined([0], record))];
    for (let step = 0; step < path.length; step += 1) {
      const here = way[step];
      way.push(await sha256(sides[step] ? joined([1], here, path[step]) : joined([1], path[step], here)));
    }
    return { way: way.map(hex), whole: sides.length === path.length };
  }
  async function signed() {
    const said = new TextDecoder().decode(bytes(given.signed));
    const facts = JSON.parse(said.slice(said.indexOf("\n") + 1));
    if (!said.startsWith("datong-checkpoint/1\n") || facts.root !== given.root || facts.size !== Number(given.size)) return false;
    try {
      const key = bytes(given.key.replace(/-----[A-Z ]+-----|\s/g, ""));
      const known = await crypto.subtle.importKey("spki", key, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, known, bytes(given.signature), bytes(given.signed));
    } catch {
      return null; // no WebCrypto here, or none that knows Ed25519 (or the key is of SM2)
    }
  }

  function show(good, said, also) {
    box.className = `notice ${good ? "good" : "bad"}`;
    box.querySelector("[data-said]").textContent = said;
    box.querySelector("[data-also]").textContent = also;
  }
  let running = 0;
  async function verify() {
    running += 1;
    const mine = running;
    const record = text && text.dataset.changed ? new TextEncoder().encode(text.value) : bytes(given.record);
    const [{ way, whole }, signature] = await Promise.all([climb(record), signed()]);
    if (mine !== running) return;
    way.forEach((hash, step) => {
      const spot = place.querySelector(`[data-step="${step}"]`);
      spot.classList.toggle("good", hash === spot.dataset.hash);
      spot.classList.toggle("bad", hash !== spot.dataset.hash);
      spot.querySelector("[data-shown]").textContent = `${hash.slice(0, 10)}…`;
      spot.querySelector("title").textContent = hash;
    });
    const good = whole && way[way.length - 1] === given.root;
    place.querySelector("[data-seal]").classList.toggle("good", good && signature !== false);
    place.querySelector("[data-seal]").classList.toggle("bad", !good || signature === false);
    const words = { true: good ? given.saidSigned : given.saidChanged, false: given.saidForged, null: given.saidUnsigned };
    show(good && signature !== false, good ? given.saidGood : given.saidBad, words[signature]);
  }

  if (given.hash !== "sha256") {
    box.querySelector("[data-also]").textContent = given.saidSm3;
    if (text) text.readOnly = true;
    return;
  }
  text?.addEventListener("input", () => { text.dataset.changed = "1"; verify(); });
  place.querySelector("[data-restore-record]")?.addEventListener("click", () => {
    text.value = text.defaultValue;
    delete text.dataset.changed;
    verify();
  });
  verify();
});
