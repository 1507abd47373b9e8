// The widget manager of a page without Jupyter, on the packages that Colab's own manager is built on. `show` draws a saved or live state.
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";

class Manager extends ManagerBase {
  async loadClass(name, module) {
    return module === "@jupyter-widgets/base" ? base[name] : globalThis.loaded[module][name];
  }

  async _get_comm_info() {
    return {};
  }

  async _create_comm(target, id) {
    const comm = { comm_id: id, target_name: target, on_msg: (listener) => (comm.hear = listener), on_close() {}, close: () => "", open: () => "" };
    comm.send = (data) => {
      globalThis.sent.push(data);
      return "";
    };
    globalThis.comms[id] = comm;
    return comm;
  }
}

// What a kernel sends when Python sets a trait.
globalThis.tell = (id, state) => globalThis.comms[id].hear({ content: { data: { method: "update", state, buffer_paths: [] } }, parent_header: {}, buffers: [] });

globalThis.show = async (states, id, element) => {
  Object.assign(globalThis, { sent: [], comms: {} });
  const manager = new Manager();
  const models = await Promise.all(
    Object.entries(states).map(async ([model_id, { model_name, model_module, model_module_version, state }]) =>
      manager.new_model({ model_name, model_module, model_module_version, model_id, comm: await manager._create_comm("jupyter.widget", model_id) }, state),
    ),
  );
  const view = await manager.create_view(models.find((model) => model.model_id === id));
  element.append(view.el);
  view.trigger("displayed");
};

// anywidget's program is an AMD module that wants @jupyter-widgets/base and nothing else.
globalThis.loaded = {};
globalThis.define = (needs, make) => (globalThis.loaded.anywidget = make(base));
