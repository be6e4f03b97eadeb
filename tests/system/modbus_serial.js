// modbus-serial (npm) against a controller: node modbus_serial.js tcp PORT | rtu DEVICE
// Prints what it read as JSON. Addresses count from 0.
const ModbusRTU = require("modbus-serial");

async function main() {
  const [kind, where] = process.argv.slice(2);
  const client = new ModbusRTU();
  if (kind === "tcp") await client.connectTCP("127.0.0.1", { port: Number(where) });
  else await client.connectRTUBuffered(where, { baudRate: 19200 });
  client.setID(1);
  client.setTimeout(2000);
  const found = {};
  found.version = (await client.readInputRegisters(64, 1)).data;
  found.states = (await client.readDiscreteInputs(0, 4)).data.slice(0, 4);
  await client.writeRegister(1, 415);
  found.flow = (await client.readHoldingRegisters(1, 1)).data;
  await client.writeRegisters(0x65, [0, 205, 500, 600]);
  found.block = (await client.readHoldingRegisters(0x65, 4)).data;
  await client.writeCoil(3, true);
  found.silent = (await client.readCoils(3, 1)).data[0];
  await client.writeCoils(3, [false, false]);
  found.loud = (await client.readCoils(3, 1)).data[0];
  found.settings = (await client.readHoldingRegisters(0x4000, 125)).data.length;
  const identity = await client.readDeviceIdentification(1, 0);
  found.vendor = identity.data[0];
  found.refused = [];
  for (const ask of [
    () => client.readInputRegisters(18, 1),
    () => client.writeRegister(1, 9999),
    () => client.writeCoil(6, true),
  ]) {
    try {
      await ask();
      found.refused.push(0);
    } catch (error) {
      found.refused.push(error.modbusCode);
    }
  }
  client.close(() => {});
  console.log(JSON.stringify(found));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
