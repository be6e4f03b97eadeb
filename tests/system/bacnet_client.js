// @bacnet-js/client (npm) against a controller: node bacnet_client.js PORT
// Prints what it read as JSON.
const Bacnet = require("@bacnet-js/client");

async function main() {
  const Client = Bacnet.default || Bacnet;
  const client = new Client({ interface: "127.0.0.1", port: Number(process.argv[2]) + 1, apduTimeout: 3000 });
  await new Promise((ready) => client.once("listening", ready));
  const to = { address: `127.0.0.1:${process.argv[2]}` };
  const found = {};
  const heard = new Promise((done) => client.once("iAm", (message) => done(message.payload.deviceId)));
  client.whoIs(to);
  found.device = await heard;
  const list = await client.readProperty(to, { type: 8, instance: 4194303 }, 76);
  found.objects = list.values.length;
  const device = await client.readProperty(to, { type: 8, instance: found.device }, 77);
  found.name = device.values[0].value;
  const flow = { type: 2, instance: 2 };
  await client.writeProperty(to, flow, 85, [{ type: 4, value: 41.5 }], { priority: 8 });
  found.flow = (await client.readProperty(to, flow, 85)).values[0].value;
  const several = await client.readPropertyMultiple(to, [
    { objectId: { type: 0, instance: 3 }, properties: [{ id: 85 }, { id: 117 }] },
    { objectId: { type: 13, instance: 61 }, properties: [{ id: 110 }] },
  ]);
  found.units = several.values[0].values[1].value[0].value;
  found.states = several.values[1].values[0].value.map((each) => each.value);
  await client.writeProperty(to, flow, 85, [{ type: 0, value: null }], { priority: 8 });
  found.local = (await client.readProperty(to, flow, 85)).values[0].value;
  const told = new Promise((done) => client.once("covNotifyUnconfirmed", (message) => done(message.payload)));
  await client.subscribeCov(to, flow, 7, false, false, 60);
  found.told = (await told).monitoredObjectId;
  found.refused = [];
  for (const ask of [
    () => client.readProperty(to, { type: 2, instance: 99 }, 85),
    () => client.writeProperty(to, { type: 0, instance: 3 }, 85, [{ type: 4, value: 1 }], {}),
    () => client.writeProperty(to, flow, 85, [{ type: 4, value: 99 }], {}),
  ]) {
    try {
      await ask();
      found.refused.push("nothing");
    } catch (error) {
      found.refused.push(String(error.message).replace(/[^0-9]+/g, " ").trim());
    }
  }
  client.close();
  console.log(JSON.stringify(found));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
