// One stream of server-sent events for all tabs of this browser. A tab says which topics it shows; the stream is opened again with the
// union when that changes, from the last id seen, so nothing is missed.
const tabs = new Map();
let source = null;
let open = '';
let last = '';

self.onconnect = (connection) => {
  const port = connection.ports[0];
  tabs.set(port, []);
  port.onmessage = (message) => {
    if (message.data.bye) {
      tabs.delete(port);
    } else {
      tabs.set(port, message.data.topics);
    }
    reopen();
  };
};

function reopen() {
  const topics = [...new Set([...tabs.values()].flat())].sort();
  const wanted = topics.join(',');
  if (wanted === open && source) {
    return;
  }
  source?.close();
  source = null;
  open = wanted;
  if (!wanted) {
    return;
  }
  source = new EventSource(`/console/live?topics=${encodeURIComponent(wanted)}${last ? `&last=${last}` : ''}`);
  source.onopen = () => tell({ state: 'on' });
  source.onerror = () => tell({ state: 'off' });
  for (const topic of [...topics, 'reset']) {
    source.addEventListener(topic, (event) => {
      last = event.lastEventId;
      tell({ topic, data: event.data });
    });
  }
}

function tell(message) {
  for (const [port, topics] of tabs) {
    if (message.state || message.topic === 'reset' || topics.includes(message.topic)) {
      port.postMessage(message);
    }
  }
}
