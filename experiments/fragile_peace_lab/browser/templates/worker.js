/* A worker: gets the engine once, then blocks of runs, one after another. */
let engine = null;
self.onmessage = ({ data }) => {
  if (data.module) { engine = new Engine(data.module, data.about, data.block); self.postMessage({ ready: true }); return; }
  try {
    const { status, index, week, outcomes, weeks } = engine.play(data.job);
    self.postMessage({ id: data.id, status, index, week, outcomes, weeks }, [outcomes.buffer, weeks.buffer]);
  } catch (error) {
    self.postMessage({ id: data.id, fault: String(error) });
  }
};
