import { parseAbi } from 'viem'

// The part of 4Mica's ABIs that the SDK uses: other people's contracts, so kept by hand. `npm run check:abis` compares
// every entry with the real ABI of the contract that the constant is named after.

/** What the SDK uses of the ABI of `Core4Mica`. */
export const core4MicaAbi = parseAbi([
  'struct G1Point { bytes32 x_a; bytes32 x_b; bytes32 y_a; bytes32 y_b; }',
  'struct G2Point { bytes32 x_c0_a; bytes32 x_c0_b; bytes32 x_c1_a; bytes32 x_c1_b; bytes32 y_c0_a; bytes32 y_c0_b; bytes32 y_c1_a; bytes32 y_c1_b; }',
  'function getGuaranteeVersionConfig(uint64 version) view returns (G1Point verificationKey, bytes32 domainSeparator, address decoder, bool enabled)',
  'function getPaymentStatus(uint256 tabId) view returns (uint256 paid, bool remunerated, address asset)',
  'function getUser(address userAddr, address asset) view returns (uint256 assetCollateral, uint256 withdrawalRequestTimestamp, uint256 withdrawalRequestAmount)',
  'function remunerationGracePeriod() view returns (uint256)',
  'function synchronizationDelay() view returns (uint256)',
  'function tabExpirationTime() view returns (uint256)',
  'function withdrawalGracePeriod() view returns (uint256)',
])

/** What the SDK uses of the ABI of `ValidationRegistryGuaranteeDecoder`. */
export const validationRegistryGuaranteeDecoderAbi = parseAbi([
  'function isTrustedValidationRegistry(address registry) view returns (bool)',
])
