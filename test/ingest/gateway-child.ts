/** A gateway as a process of its own, to be killed and held still: `node gateway-child.ts NAME FOLDER DEVICES POSTGRES_URL NATS_URL`. Says its ports when it is there. */
import { openGateway } from './shared-city.ts';

const [name = '', folder = '', devices = '', postgresUrl = '', natsUrl = ''] = process.argv.slice(2);
const gateway = await openGateway({ name, folder, devices: Number(devices), postgresUrl, natsUrl });
process.stdout.write(`${JSON.stringify({ mqttPort: gateway.mqttPort })}\n`);
process.on('SIGTERM', () => void gateway.stopAll().then(() => process.exit(0)));
