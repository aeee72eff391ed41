// Python, in a worker of its own, so that the page stays alive whatever it computes. A page has one; stopping is ending it.
// `worker.js?standin` asks a server beside the site instead, which runs the same Python: that is for tests.
const STANDIN = new URL(location.href).searchParams.has("standin") && crypto.getRandomValues(new Uint32Array(2)).join("-");
const decoder = new TextDecoder();
let loaded = 0, python = null, glue = null;

// Every byte that comes in is counted, so that the start can show how far it is. What is counted is a copy: of the
// answer itself the browser may keep the compiled code.
function countBytes() {
  const plain = self.fetch.bind(self);
  self.fetch = async (...request) => {
    try {
      const answer = await plain(...request);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      count(answer.clone());
      return answer;
    } catch (error) {  // the core waits for ever for a file that does not come
      postMessage({ failed: `fetch: ${error.message}` });
      throw error;
    }
  };
}

async function count(answer) {
  for (const reader = answer.body.getReader(); ;) {
    const { value, done } = await reader.read();
    if (done) return;
    loaded += value.byteLength;
    postMessage({ loaded });
  }
}

async function start() {
  const runtime = await (await fetch("runtime.json")).json();
  countBytes();
  const { loadPyodide } = await import("./pyodide/pyodide.mjs");
  const [ours] = await Promise.all([
    fetch("course.zip").then((answer) => answer.arrayBuffer()),
    loadPyodide({ indexURL: new URL("pyodide/", location.href).href, packages: runtime.packages }).then((made) => (python = made)),
  ]);
  python.unpackArchive(ours, "zip", { extractDir: "/course" });
  python.runPython("import sys; sys.path.insert(0, '/course')");
  glue = python.pyimport("glue");
  glue.begin();
}

async function answer(command, question) {
  for (;;) {
    const found = await glue.ask(command, JSON.stringify(question));
    const [told, bytes] = [found.get(0), found.get(1)];
    const reply = JSON.parse(told), drawn = bytes.toJs();
    bytes.destroy();
    found.destroy();
    if (!reply.needs) return { reply, drawn };
    postMessage({ brings: reply.needs });
    await python.loadPackage(reply.needs, { messageCallback() {} });
    postMessage({ brings: null });
  }
}

async function standin(command, question) {
  const found = await fetch(`/__python?of=${STANDIN}`, { method: "POST", body: JSON.stringify({ command, question }) });
  if (!found.ok) throw new Error("the stand-in is gone");
  const bytes = new Uint8Array(await found.arrayBuffer()), length = new DataView(bytes.buffer).getUint32(0);
  return { reply: JSON.parse(decoder.decode(bytes.subarray(4, 4 + length))), drawn: bytes.slice(4 + length) };
}

// The pixels of a picture as a canvas has them: of what Python sends, see `raw` in glue/explorers.py.
function pixelsOf({ size }, drawn) {
  if (!size) return null;
  const count = size[0] * size[1];
  if (drawn.length === 4 * count) return drawn.buffer;
  const colours = new Uint32Array(drawn.slice(count).buffer), pixels = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) pixels[i] = colours[drawn[i]];
  return pixels.buffer;
}

const ready = STANDIN ? standin("begin", {}) : start();
ready.then(() => postMessage({ ready: true }), (error) => postMessage({ failed: String(error?.message ?? error) }));

onmessage = async ({ data: { id, command, question } }) => {
  try {
    await ready;
    const began = performance.now();
    const { reply, drawn } = await (STANDIN ? standin : answer)(command, question);
    const pixels = pixelsOf(reply, drawn);
    postMessage({ id, reply, pixels, took: performance.now() - began }, pixels ? [pixels] : []);
  } catch (error) {
    postMessage({ id, reply: { error: String(error?.message ?? error) }, pixels: null });
  }
};
