import { type Label, renderLabels } from '../labels/label-sheet.ts';
import { referred } from './asset-handlers.ts';
import { createClaimCodes } from './claim-codes.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type LabelRoutes = 'POST /device-labels' | 'GET /device-labels' | 'GET /claim-codes';

export function labelHandlers(ports: HandlerPorts): Handlers<LabelRoutes> {
  const { claimTimes, newCode } = createClaimCodes(ports);

  return {
    async 'POST /device-labels'({ view, body, language, connection }) {
      const devices = await Promise.all([...new Set(body.deviceIds)].map((id) => referred(view.devices.get(id))));
      const models = new Map((await view.models.list()).map((model) => [model.id, model]));
      // Only what is in stock can be claimed: the label of any other device names it, and opens its page.
      const codes = devices.filter(({ state }) => state === 'in_stock').map(({ id }) => newCode(id));
      await view.labels.print({
        format: body.format,
        deviceIds: devices.map(({ id }) => id),
        claims: codes,
        ...claimTimes(body, language),
      });
      const codeOf = new Map(codes.map(({ deviceId, code }) => [deviceId, code]));
      const labels = devices.map((device): Label => {
        const model = models.get(device.modelId);
        return {
          deviceId: device.id,
          model: model ? `${model.maker} ${model.name}` : device.modelId,
          serialNumber: device.serialNumber,
          code: codeOf.get(device.id) ?? null,
        };
      });
      const bytes = await renderLabels(labels, {
        format: body.format,
        skip: body.skip,
        language: body.language,
        origin: connection.origin,
      });
      return { bytes, fileName: 'device-labels.pdf', mediaType: 'application/pdf' };
    },
    async 'GET /device-labels'({ view, query }) {
      return view.labels.prints(query);
    },
    async 'GET /claim-codes'({ view, query }) {
      return view.labels.claimWindows(query);
    },
  };
}
