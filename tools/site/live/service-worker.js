// Keeps Python and the course's scripts, so that a second visit transfers nothing. Another build has another name.
const CACHE = "cnnkit-BUILD";
const KEPT = /\/_static\/live\//;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("cnnkit-") && name !== CACHE) await caches.delete(name);
  await clients.claim();
})()));

addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin || !KEPT.test(address.pathname)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE), found = await cache.match(request);
    if (found) return found;
    const answer = await fetch(request);
    if (answer.ok && answer.status === 200) event.waitUntil(cache.put(request, answer.clone()));
    return answer;
  })());
});
