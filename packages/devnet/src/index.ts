/**
 * A local chain with everything on it, and a core of 4Mica.
 *
 * @module @proof-of-inference/devnet
 */

export { type DevnetAccounts, type DevnetOperator, devnetMnemonic } from './accounts.ts'
export type { AnvilExit } from './anvil.ts'
export type { DevnetClient } from './client.ts'
export { createDevnet, type Devnet, type DevnetOptions } from './createDevnet.ts'
export { createL2Devnet, type L2Devnet, type L2DevnetOptions } from './createL2Devnet.ts'
export { createRehearsal, type Rehearsal, type RehearsalOptions } from './createRehearsal.ts'
export type { DevnetDelays, DevnetDeployment, DevnetEigenLayer, DevnetRegistrarOptions } from './deploy.ts'
export type { DevnetTableSetOptions, DevnetTables } from './deployL2.ts'
export {
  AnvilNotFoundError,
  AnvilStartError,
  DevnetSetupError,
  InvalidDevnetOptionError,
  PortInUseError,
} from './errors.ts'
export type { DevnetFourMica, DevnetFourMicaOptions } from './fourMica/startFourMica.ts'
export { createPayloadServer, type PayloadServer, type PayloadServerOptions } from './payloadServer.ts'
export { type RunningOperators, type RunOperatorsOptions, runOperators } from './runOperators.ts'
export type { DevnetChain } from './startChain.ts'
