import { createInProcessBus } from './in-process.ts';
import { describeLiveBus } from './live-bus.contract.ts';

describeLiveBus('the in-process bus', createInProcessBus);
