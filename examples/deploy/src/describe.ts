import type { Report } from './rehearse.ts'

/** JSON with decimal strings for large numbers, as the SDK's `parseDeployment` reads them. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? each.toString() : each), 2)
}

/** A report for people. */
export function describe(report: Report): string {
  const { contracts, script, variables, unknowns, created, checked, isProbed } = report
  const list = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([name, value]) => `  ${name.padEnd(24)} ${value}`)
  const gas = created.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
  const known = Object.entries(variables).filter(([name]) => unknowns.every(({ variable }) => variable !== name))
  const missing = unknowns.filter(({ standIn }) => standIn !== null)
  return [
    `${contracts.name} (chain ${contracts.chainId}): rehearsed with ${script}`,
    '',
    'Checked here',
    ...checked.map((each) => `  ${each}`),
    '',
    'Would be deployed, in this order; addresses are those of the rehearsal',
    ...list(created.map(({ contract, address, gasUsed }) => [contract, `${address}  ${gasUsed} gas`])),
    ...list([['together', `${gas} gas`]]),
    '',
    'What cannot be known here',
    ...list(
      unknowns.map(({ variable, why, standIn }) => [
        variable,
        `${why}. Here: ${standIn === null ? 'left out' : standIn}`,
      ]),
    ),
    ...(isProbed ? [] : list([['the contracts there', 'whether they are as listed: --rpc-url asks the real chain']])),
    ...list([
      ['fees and addresses', 'they follow from the gas price, and from the account that deploys and its nonce'],
    ]),
    '',
    'On the real chain',
    '  npm run build:contracts && cd contracts',
    ...known.map(([name, value]) => `  export ${name}=${value}`),
    ...missing.map(({ variable }) => `  export ${variable}=…`),
    `  node ../scripts/forge.mjs script script/${script}.s.sol:${script} \\`,
    '    --broadcast --slow --rpc-url $RPC_URL --account deployer',
    '',
  ].join('\n')
}
