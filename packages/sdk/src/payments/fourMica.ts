import { createContext } from './fourMica/context.ts'
import { promiseSchema, railName, toClaims } from './fourMica/messages.ts'
import { createPayee } from './fourMica/payee.ts'
import { createPayer } from './fourMica/payer.ts'
import { readStanding } from './fourMica/standing.ts'
import type { FourMicaConfig } from './fourMica/types.ts'
import { parseMessage } from './messages.ts'
import type { PaymentRail } from './types.ts'

/**
 * Pays by 4Mica: the payer's collateral guarantees a payment that is due once the AVS's receipt for the job is in the
 * ERC-8004 registry. Needs the package `@4mica/sdk`.
 *
 * The flow: `payee.offer` opens a tab; `payer.promise` signs a guarantee over the job; `payee.accept` has it issued,
 * checks its BLS signature by the key of the contract, and files the validation request: only then work or release the
 * output. After the receipt either the payer pays the tab (`payer.pay`), or the payee claims it (`payee.collect`).
 *
 * Nothing is asked of the network before the first call; that checks chain, contract, code, key and service.
 *
 * @throws All calls: `ChainMismatchError`, `ContractCodeMissingError`, `FourMicaMismatchError`, `FourMicaUnavailableError`, `FourMicaRefusedError`,
 * `FourMicaAnswerInvalidError`, `FourMicaFailedError`, `OptionalDependencyMissingError`, `RegistryMissingError`.
 *
 * @example
 * const rail = fourMica({ client, deployment, core: { url, contract, codeHash }, rpcUrl, store })
 * await rail.payer.deposit({ amount: parseEther('1'), key: 'first' })
 * const promise = await rail.payer.promise({ offer, job, amount: parseEther('0.01') })
 */
export function fourMica(config: FourMicaConfig): PaymentRail {
  const context = createContext(config)
  return {
    name: railName,
    payer: createPayer(context),
    payee: createPayee(context),
    async status(message) {
      const promise = parseMessage(promiseSchema, message)
      const connection = await context.getConnection()
      const { registry } = connection
      const claims = toClaims(promise, { deployment: config.deployment, registry })
      return readStanding(config, connection, { claims, totalAmount: promise.totalAmount })
    },
  }
}
