// What the tests ask of the page. JupyterLab is started so that `window.jupyterapp` is its application.
window.course = {
  underWay: new Set(),  // widget messages that the kernel has not finished with
  stray: [],            // errors and stderr that no cell shows: they come from a slider's callback

  panel: () => window.jupyterapp.shell.currentWidget,
  kernel: () => course.panel()?.sessionContext?.session?.kernel,
  ready: () =>
    course.panel()?.content?.widgets?.length > 0 && course.panel().sessionContext.isReady && course.kernel()?.status === "idle",

  watch() {
    course.kernel().anyMessage.connect((_, { msg, direction }) => {
      const kind = msg.header.msg_type;
      if (direction === "send") {
        if (kind === "comm_msg") course.underWay.add(msg.header.msg_id);
      } else if (kind === "status" && msg.content.execution_state === "idle") {
        course.underWay.delete(msg.parent_header.msg_id);
      } else if (course.underWay.has(msg.parent_header.msg_id)) {
        if (kind === "error") course.stray.push(msg.content.traceback.join("\n"));
        if (kind === "stream" && msg.content.name === "stderr") course.stray.push(msg.content.text);
      }
    });
  },

  runAll: () => window.jupyterapp.commands.execute("notebook:run-all-cells"),

  // The stored pictures, by cell: how wide each is on the page and its alternative text, once all are there.
  async stored(limit = 30000) {
    const end = performance.now() + limit;
    const hidden = (cell) => course.panel().content.widgets[cell.index].model.getMetadata("jupyter")?.outputs_hidden;
    const shown = course.cells().filter((cell) => !hidden(cell));
    const wanted = shown.filter((cell) => cell.outputs.some((output) => output.data?.["image/png"]));
    const images = (cell) =>
      [...course.panel().content.widgets[cell.index].node.querySelectorAll(".jp-OutputArea-output img")];
    const there = (cell) => images(cell).length > 0 && images(cell).every((image) => image.naturalWidth > 0);
    while (!wanted.every(there) && performance.now() < end) await course.frame();
    return wanted.map((cell) => [cell.index, images(cell).map((image) => [image.naturalWidth, image.alt])]);
  },

  windowing(mode) {
    const notebook = course.panel().content;
    notebook.notebookConfig = { ...notebook.notebookConfig, windowingMode: mode };
  },

  frame: () => new Promise((done) => requestAnimationFrame(done)),

  // The kernel has answered everything that was sent, and what it answered is on the screen.
  async settled(limit = 30000) {
    const end = performance.now() + limit;
    for (let quiet = 0; quiet < 2; ) {
      if (performance.now() > end) throw new Error(`the kernel has not answered in ${limit / 1000} s`);
      await course.frame();
      const loading = document.querySelector(".cnnkit-screen[data-drawing], .cnnkit-busy:not([hidden])");
      quiet = course.underWay.size || loading ? 0 : quiet + 1;
    }
  },

  // One entry per code cell, from the notebook's model: what it printed and whether it ran.
  cells: () =>
    course.panel().content.widgets.map((cell, index) => ({ cell, index }))
      .filter(({ cell }) => cell.model.type === "code")
      .map(({ cell, index }) => ({
        index,
        source: cell.model.sharedModel.source,
        ran: cell.model.executionCount !== null,
        outputs: cell.model.toJSON().outputs,
      })),

  // What each control says of itself, in the order of the page.
  controls: (box) =>
    [...box.querySelectorAll(".widget-slider, .widget-dropdown, .widget-checkbox")].map((root) => {
      const kind = ["slider", "dropdown", "checkbox"].find((kind) => root.classList.contains(`widget-${kind}`));
      const label = [...root.querySelectorAll(".widget-label, .widget-label-basic")].map((it) => it.textContent).join(" ");
      const select = root.querySelector("select");
      return {
        kind,
        label: label.replaceAll("\u200b", "").trim(),
        value: select ? select.options[select.selectedIndex].text
          : kind === "slider" ? root.querySelector(".widget-readout").textContent
          : String(root.querySelector("input").checked),
        options: select ? [...select.options].map((option) => option.text) : [],
        disabled: root.querySelector("[disabled]") !== null,
      };
    }),

  // Where the picture is that can be touched, and what stands below it.
  screen(box) {
    const screen = [...box.querySelectorAll(".cnnkit-screen")].at(-1);  // before it there may be a field to draw on
    return { screen, touch: screen.querySelector(".cnnkit-touch"), canvas: screen.querySelector("canvas"), said: screen.querySelector(".cnnkit-said") };
  },

  // What the explorer shows, once the kernel has answered.
  async state(box) {
    await course.settled();
    const { canvas, said } = course.screen(box);
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", copy.getImageData(0, 0, width, height).data));
    return {
      picture: [...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      wide: width,
      shown: canvas.getBoundingClientRect().width,
      sentence: said.innerText.trim().replaceAll("\u00a0", " ") || canvas.getAttribute("aria-label"),  // a card says it itself
    };
  },

  // Milliseconds from each key press to the frame that shows the new picture: the canvas of an explorer, or an image.
  stopwatch(output) {
    const times = (course.times = []);
    let pressed = null;
    document.addEventListener("keydown", () => (pressed = performance.now()), true);
    const seen = async () => {
      const since = pressed;
      pressed = null;
      if (since === null) return;
      await course.frame();
      await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });  // after the frame
      times.push(performance.now() - since);
    };
    const screen = [...output.querySelectorAll(".cnnkit-screen canvas.cnnkit-all")].at(-1);
    if (screen) return void new MutationObserver(seen).observe(screen, { attributeFilter: ["data-count"] });
    new MutationObserver((changes) => {
      for (const node of changes.flatMap((change) => [...change.addedNodes])) {
        const image = node.nodeName === "IMG" ? node : node.querySelector?.("img");
        image?.decode().then(seen, () => {});
      }
    }).observe(output, { childList: true, subtree: true });
  },

  // How many characters of code fit into a cell.
  room() {
    const line = [...document.querySelectorAll(".jp-CodeCell .cm-line")].find((line) => line.textContent.trim());
    const text = document.createRange();
    text.selectNodeContents(line);
    const character = text.getBoundingClientRect().width / line.textContent.length;
    return Math.floor((line.closest(".cm-scroller").clientWidth - 10) / character);
  },

  // Labels and read-outs that do not fit, by what they say.
  cutOff: (box) =>
    [...box.querySelectorAll(".widget-label, .widget-label-basic, .widget-readout, select")]
      .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0)
      .map((part) => part.textContent.trim() || part.className),
};
