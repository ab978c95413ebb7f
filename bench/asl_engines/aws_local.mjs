// aws-local-stepfunctions, answering the bench's requests; see worker.py for the protocol.
// Usage: node aws_local.mjs FILE, the library's module.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// The library asks for Node 22 because of this one function, which Node 20 lacks.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};

const { StateMachine } = await import(pathToFileURL(process.argv[2]));
const prepared = new Map();

function handlers(states, answers) {
  const calls = {};
  const tasks = Object.entries(states).filter(([, state]) => state.Type === "Task");
  return Object.fromEntries(
    tasks.map(([state, { Resource }]) => {
      const name = Resource.slice(Resource.lastIndexOf(":") + 1);
      return [
        state,
        () => {
          const turn = (calls[name] = (calls[name] ?? -1) + 1);
          const answer = answers[name][turn % answers[name].length];
          if (answer.error) throw Object.assign(new Error(answer.cause), { name: answer.error });
          return answer.return;
        },
      ];
    }),
  );
}

const requests = {
  async prepare({ workload, definition, input, answers }) {
    const { QueryLanguage, States } = JSON.parse(definition);
    if (QueryLanguage === "JSONata") return { cannot: "has no JSONata" };
    const machine = new StateMachine(JSON.parse(definition), { validationOptions: { checkArn: false } });
    const taskResourceLocalHandlers = handlers(States, answers);
    const retryIntervalOverrides = Object.fromEntries(Object.keys(States).map((state) => [state, 0]));
    const options = { overrides: { taskResourceLocalHandlers, retryIntervalOverrides } };
    const run = () => machine.run(input, options).result;
    prepared.set(workload, run);
    return { output: await run() };
  },
  async time({ workload, seconds }) {
    const run = prepared.get(workload);
    globalThis.gc();
    const begin = performance.now();
    let executions = 0, taken;
    do {
      await run();
      executions += 1;
      taken = (performance.now() - begin) / 1000;
    } while (taken < seconds);
    return { executions, seconds: taken };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: request, ...rest } = JSON.parse(line);
  const answer = await requests[request](rest).catch((error) => ({ cannot: String(error) }));
  process.stdout.write(JSON.stringify(answer) + "\n");
}
