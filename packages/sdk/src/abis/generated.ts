//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
// EquivocationSlasher
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////

export const equivocationSlasherAbi = [
  {
    type: 'constructor',
    inputs: [
      {
        name: 'config',
        internalType: 'struct SlasherConfig',
        type: 'tuple',
        components: [
          { name: 'operatorSet', internalType: 'address', type: 'address' },
          { name: 'wad', internalType: 'uint256', type: 'uint256' },
        ],
      },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'DOMAIN_DELAY',
    outputs: [{ name: '', internalType: 'uint40', type: 'uint40' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'avs',
    outputs: [{ name: '', internalType: 'address', type: 'address' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs_', internalType: 'address', type: 'address' },
    ],
    name: 'cancelDomain',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs_', internalType: 'address', type: 'address' },
    ],
    name: 'getDomain',
    outputs: [
      { name: 'domainSeparator', internalType: 'bytes32', type: 'bytes32' },
      { name: 'isRegistered', internalType: 'bool', type: 'bool' },
      { name: 'executableAt', internalType: 'uint40', type: 'uint40' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'isSlashed',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'operatorSet',
    outputs: [
      {
        name: '',
        internalType: 'contract IOperatorRegistrar',
        type: 'address',
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'operatorSetId',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs_', internalType: 'address', type: 'address' },
    ],
    name: 'proposeDomain',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs_', internalType: 'address', type: 'address' },
    ],
    name: 'registerDomain',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'equivocation',
        internalType: 'struct Equivocation',
        type: 'tuple',
        components: [
          { name: 'chainId', internalType: 'uint256', type: 'uint256' },
          { name: 'avs', internalType: 'address', type: 'address' },
          {
            name: 'request',
            internalType: 'struct Request',
            type: 'tuple',
            components: [
              { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
              { name: 'requester', internalType: 'address', type: 'address' },
              { name: 'asset', internalType: 'address', type: 'address' },
              { name: 'reward', internalType: 'uint128', type: 'uint128' },
              {
                name: 'verificationFee',
                internalType: 'uint128',
                type: 'uint128',
              },
              { name: 'deadline', internalType: 'uint40', type: 'uint40' },
              {
                name: 'referenceTimepoint',
                internalType: 'uint48',
                type: 'uint48',
              },
              { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
              { name: 'nonce', internalType: 'uint256', type: 'uint256' },
            ],
          },
          {
            name: 'first',
            internalType: 'struct Attestation',
            type: 'tuple',
            components: [
              { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
              { name: 'operator', internalType: 'address', type: 'address' },
              { name: 'isValid', internalType: 'bool', type: 'bool' },
              { name: 'confidence', internalType: 'uint16', type: 'uint16' },
              { name: 'method', internalType: 'bytes32', type: 'bytes32' },
              {
                name: 'evidenceDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
            ],
          },
          { name: 'firstSignature', internalType: 'bytes', type: 'bytes' },
          {
            name: 'second',
            internalType: 'struct Attestation',
            type: 'tuple',
            components: [
              { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
              { name: 'operator', internalType: 'address', type: 'address' },
              { name: 'isValid', internalType: 'bool', type: 'bool' },
              { name: 'confidence', internalType: 'uint16', type: 'uint16' },
              { name: 'method', internalType: 'bytes32', type: 'bytes32' },
              {
                name: 'evidenceDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
            ],
          },
          { name: 'secondSignature', internalType: 'bytes', type: 'bytes' },
        ],
      },
    ],
    name: 'slash',
    outputs: [
      { name: 'slashId', internalType: 'uint256', type: 'uint256' },
      { name: 'shares', internalType: 'uint256[]', type: 'uint256[]' },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'slashabilityHorizon',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'wad',
    outputs: [{ name: '', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'view',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'domainSeparator',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'chainId',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
      { name: 'avs', internalType: 'address', type: 'address', indexed: false },
    ],
    name: 'DomainCancelled',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'domainSeparator',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'chainId',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
      { name: 'avs', internalType: 'address', type: 'address', indexed: false },
      {
        name: 'executableAt',
        internalType: 'uint40',
        type: 'uint40',
        indexed: false,
      },
    ],
    name: 'DomainProposed',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'domainSeparator',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'chainId',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
      { name: 'avs', internalType: 'address', type: 'address', indexed: false },
    ],
    name: 'DomainRegistered',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'slashId',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
      {
        name: 'strategies',
        internalType: 'address[]',
        type: 'address[]',
        indexed: false,
      },
      {
        name: 'shares',
        internalType: 'uint256[]',
        type: 'uint256[]',
        indexed: false,
      },
    ],
    name: 'EquivocationSlashed',
  },
  {
    type: 'error',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'AlreadySlashed',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      {
        name: 'attestationRequestId',
        internalType: 'bytes32',
        type: 'bytes32',
      },
    ],
    name: 'AttestationMismatch',
  },
  {
    type: 'error',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs', internalType: 'address', type: 'address' },
      { name: 'executableAt', internalType: 'uint40', type: 'uint40' },
    ],
    name: 'DomainAlreadyProposed',
  },
  {
    type: 'error',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs', internalType: 'address', type: 'address' },
    ],
    name: 'DomainAlreadyRegistered',
  },
  {
    type: 'error',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs', internalType: 'address', type: 'address' },
      { name: 'executableAt', internalType: 'uint40', type: 'uint40' },
    ],
    name: 'DomainLocked',
  },
  {
    type: 'error',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs', internalType: 'address', type: 'address' },
    ],
    name: 'DomainNotProposed',
  },
  {
    type: 'error',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs', internalType: 'address', type: 'address' },
    ],
    name: 'DomainNotRegistered',
  },
  { type: 'error', inputs: [], name: 'ERC5267ExtensionsNotSupported' },
  {
    type: 'error',
    inputs: [
      { name: 'referenceTimepoint', internalType: 'uint48', type: 'uint48' },
      { name: 'slashabilityHorizon', internalType: 'uint32', type: 'uint32' },
    ],
    name: 'EvidenceExpired',
  },
  {
    type: 'error',
    inputs: [{ name: 'parameter', internalType: 'string', type: 'string' }],
    name: 'InvalidConfig',
  },
  {
    type: 'error',
    inputs: [
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'avs', internalType: 'address', type: 'address' },
    ],
    name: 'InvalidDomain',
  },
  {
    type: 'error',
    inputs: [
      { name: 'recovered', internalType: 'address', type: 'address' },
      { name: 'signingKey', internalType: 'address', type: 'address' },
    ],
    name: 'InvalidSigner',
  },
  {
    type: 'error',
    inputs: [
      { name: 'caller', internalType: 'address', type: 'address' },
      { name: 'owner', internalType: 'address', type: 'address' },
    ],
    name: 'NotOwner',
  },
  {
    type: 'error',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'NothingSlashed',
  },
  {
    type: 'error',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'referenceTimepoint', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'OperatorCannotVote',
  },
  {
    type: 'error',
    inputs: [
      { name: 'first', internalType: 'address', type: 'address' },
      { name: 'second', internalType: 'address', type: 'address' },
    ],
    name: 'OperatorMismatch',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'isValid', internalType: 'bool', type: 'bool' },
    ],
    name: 'SameVerdict',
  },
  {
    type: 'error',
    inputs: [{ name: 'signingKey', internalType: 'address', type: 'address' }],
    name: 'UnknownSigningKey',
  },
] as const

//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
// ModelRegistry
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////

export const modelRegistryAbi = [
  {
    type: 'constructor',
    inputs: [{ name: 'avs_', internalType: 'address', type: 'address' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'avs',
    outputs: [{ name: '', internalType: 'address', type: 'address' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'originalOwner', internalType: 'address', type: 'address' },
      { name: 'name', internalType: 'string', type: 'string' },
    ],
    name: 'computeModelId',
    outputs: [{ name: '', internalType: 'bytes32', type: 'bytes32' }],
    stateMutability: 'pure',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'number', internalType: 'uint32', type: 'uint32' },
      {
        name: 'config',
        internalType: 'struct VersionConfig',
        type: 'tuple',
        components: [
          { name: 'manifestDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'policyDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'methodId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
        ],
      },
    ],
    name: 'computeModelVersionId',
    outputs: [{ name: '', internalType: 'bytes32', type: 'bytes32' }],
    stateMutability: 'pure',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'asset', internalType: 'address', type: 'address' },
    ],
    name: 'getFee',
    outputs: [
      {
        name: '',
        internalType: 'struct AssetFee',
        type: 'tuple',
        components: [
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'accepted', internalType: 'bool', type: 'bool' },
          { name: 'minimumFee', internalType: 'uint128', type: 'uint128' },
        ],
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'agentId', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'getModelAgentRecord',
    outputs: [
      { name: 'totalInferences', internalType: 'uint64', type: 'uint64' },
      {
        name: 'successfulVerifications',
        internalType: 'uint64',
        type: 'uint64',
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'modelId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'getModelInfo',
    outputs: [
      {
        name: 'info',
        internalType: 'struct ModelInfo',
        type: 'tuple',
        components: [
          { name: 'owner', internalType: 'address', type: 'address' },
          { name: 'active', internalType: 'bool', type: 'bool' },
          { name: 'name', internalType: 'string', type: 'string' },
          { name: 'latestVersion', internalType: 'uint32', type: 'uint32' },
          { name: 'latestVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'totalInferences', internalType: 'uint64', type: 'uint64' },
          {
            name: 'successfulVerifications',
            internalType: 'uint64',
            type: 'uint64',
          },
          { name: 'accuracyBps', internalType: 'uint16', type: 'uint16' },
        ],
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'getModelVersion',
    outputs: [
      {
        name: '',
        internalType: 'struct ModelVersion',
        type: 'tuple',
        components: [
          { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'number', internalType: 'uint32', type: 'uint32' },
          { name: 'manifestDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'policyDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'methodId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
        ],
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'number', internalType: 'uint32', type: 'uint32' },
    ],
    name: 'getModelVersionId',
    outputs: [
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'asset', internalType: 'address', type: 'address' },
    ],
    name: 'getRequestTerms',
    outputs: [
      {
        name: 'terms',
        internalType: 'struct RequestTerms',
        type: 'tuple',
        components: [
          { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'methodId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'active', internalType: 'bool', type: 'bool' },
          { name: 'accepted', internalType: 'bool', type: 'bool' },
          { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'minimumFee', internalType: 'uint128', type: 'uint128' },
        ],
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'getVersionMethod',
    outputs: [
      { name: 'methodId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      {
        name: 'config',
        internalType: 'struct VersionConfig',
        type: 'tuple',
        components: [
          { name: 'manifestDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'policyDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'methodId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
        ],
      },
    ],
    name: 'publishVersion',
    outputs: [
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'agentId', internalType: 'uint256', type: 'uint256' },
      { name: 'verified', internalType: 'bool', type: 'bool' },
    ],
    name: 'recordOutcome',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'name', internalType: 'string', type: 'string' },
      {
        name: 'config',
        internalType: 'struct ModelConfig',
        type: 'tuple',
        components: [
          {
            name: 'version',
            internalType: 'struct VersionConfig',
            type: 'tuple',
            components: [
              {
                name: 'manifestDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              {
                name: 'policyDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              { name: 'methodId', internalType: 'bytes32', type: 'bytes32' },
              {
                name: 'validConfidence',
                internalType: 'uint16',
                type: 'uint16',
              },
            ],
          },
          {
            name: 'fees',
            internalType: 'struct AssetFee[]',
            type: 'tuple[]',
            components: [
              { name: 'asset', internalType: 'address', type: 'address' },
              { name: 'accepted', internalType: 'bool', type: 'bool' },
              { name: 'minimumFee', internalType: 'uint128', type: 'uint128' },
            ],
          },
        ],
      },
    ],
    name: 'registerModel',
    outputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'active', internalType: 'bool', type: 'bool' },
    ],
    name: 'setActive',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      {
        name: 'fees',
        internalType: 'struct AssetFee[]',
        type: 'tuple[]',
        components: [
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'accepted', internalType: 'bool', type: 'bool' },
          { name: 'minimumFee', internalType: 'uint128', type: 'uint128' },
        ],
      },
    ],
    name: 'setFees',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'newOwner', internalType: 'address', type: 'address' },
    ],
    name: 'transferModel',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'modelId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'asset',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      { name: 'accepted', internalType: 'bool', type: 'bool', indexed: false },
      {
        name: 'minimumFee',
        internalType: 'uint128',
        type: 'uint128',
        indexed: false,
      },
    ],
    name: 'FeeSet',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'modelId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      { name: 'active', internalType: 'bool', type: 'bool', indexed: false },
    ],
    name: 'ModelActiveSet',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'modelId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'owner',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      { name: 'name', internalType: 'string', type: 'string', indexed: false },
    ],
    name: 'ModelRegistered',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'modelId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      { name: 'from', internalType: 'address', type: 'address', indexed: true },
      { name: 'to', internalType: 'address', type: 'address', indexed: true },
    ],
    name: 'ModelTransferred',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'modelId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'modelVersionId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'agentId',
        internalType: 'uint256',
        type: 'uint256',
        indexed: true,
      },
      { name: 'verified', internalType: 'bool', type: 'bool', indexed: false },
    ],
    name: 'OutcomeRecorded',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'modelId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'modelVersionId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'number',
        internalType: 'uint32',
        type: 'uint32',
        indexed: false,
      },
      {
        name: 'config',
        internalType: 'struct VersionConfig',
        type: 'tuple',
        components: [
          { name: 'manifestDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'policyDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'methodId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
        ],
        indexed: false,
      },
    ],
    name: 'VersionPublished',
  },
  {
    type: 'error',
    inputs: [{ name: 'name', internalType: 'string', type: 'string' }],
    name: 'InvalidModelName',
  },
  {
    type: 'error',
    inputs: [{ name: 'owner', internalType: 'address', type: 'address' }],
    name: 'InvalidModelOwner',
  },
  {
    type: 'error',
    inputs: [
      { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
    ],
    name: 'InvalidValidConfidence',
  },
  { type: 'error', inputs: [], name: 'MissingDigest' },
  {
    type: 'error',
    inputs: [{ name: 'modelId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'ModelAlreadyRegistered',
  },
  {
    type: 'error',
    inputs: [{ name: 'caller', internalType: 'address', type: 'address' }],
    name: 'NotAVS',
  },
  {
    type: 'error',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'caller', internalType: 'address', type: 'address' },
      { name: 'owner', internalType: 'address', type: 'address' },
    ],
    name: 'NotModelOwner',
  },
  {
    type: 'error',
    inputs: [{ name: 'modelId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'UnknownModel',
  },
  {
    type: 'error',
    inputs: [
      { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'UnknownModelVersion',
  },
] as const

//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
// OperatorRegistrar
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////

export const operatorRegistrarAbi = [
  {
    type: 'constructor',
    inputs: [
      {
        name: 'config',
        internalType: 'struct RegistrarConfig',
        type: 'tuple',
        components: [
          { name: 'avs', internalType: 'address', type: 'address' },
          {
            name: 'allocationManager',
            internalType: 'address',
            type: 'address',
          },
          { name: 'keyRegistrar', internalType: 'address', type: 'address' },
          { name: 'operatorSetId', internalType: 'uint32', type: 'uint32' },
          {
            name: 'strategies',
            internalType: 'struct StrategyWeight[]',
            type: 'tuple[]',
            components: [
              { name: 'strategy', internalType: 'address', type: 'address' },
              { name: 'multiplier', internalType: 'uint96', type: 'uint96' },
            ],
          },
          { name: 'minWeight', internalType: 'uint96', type: 'uint96' },
          { name: 'maxWeightAge', internalType: 'uint32', type: 'uint32' },
          { name: 'maxReferenceAge', internalType: 'uint32', type: 'uint32' },
          {
            name: 'maxRequestLifetime',
            internalType: 'uint32',
            type: 'uint32',
          },
          { name: 'evidenceWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'minBlockTime', internalType: 'uint32', type: 'uint32' },
          { name: 'waiveSlashability', internalType: 'bool', type: 'bool' },
        ],
      },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'CLOCK_MODE',
    outputs: [{ name: '', internalType: 'string', type: 'string' }],
    stateMutability: 'pure',
  },
  {
    type: 'function',
    inputs: [],
    name: 'allocationManager',
    outputs: [
      {
        name: '',
        internalType: 'contract IAllocationManager',
        type: 'address',
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'avs',
    outputs: [{ name: '', internalType: 'address', type: 'address' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'clock',
    outputs: [{ name: '', internalType: 'uint48', type: 'uint48' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'avs_', internalType: 'address', type: 'address' },
      { name: 'operatorSetIds', internalType: 'uint32[]', type: 'uint32[]' },
    ],
    name: 'deregisterOperator',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [{ name: 'operator', internalType: 'address', type: 'address' }],
    name: 'getCheckpoint',
    outputs: [
      { name: 'isSeated', internalType: 'bool', type: 'bool' },
      { name: 'index', internalType: 'uint8', type: 'uint8' },
      { name: 'weight', internalType: 'uint96', type: 'uint96' },
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
      { name: 'signingKey', internalType: 'address', type: 'address' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'getSeatedOperators',
    outputs: [
      { name: 'operators', internalType: 'address[]', type: 'address[]' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'getStrategies',
    outputs: [
      {
        name: '',
        internalType: 'struct StrategyWeight[]',
        type: 'tuple[]',
        components: [
          { name: 'strategy', internalType: 'address', type: 'address' },
          { name: 'multiplier', internalType: 'uint96', type: 'uint96' },
        ],
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'getTotalWeight',
    outputs: [{ name: '', internalType: 'uint96', type: 'uint96' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'getVoter',
    outputs: [
      {
        name: 'voter',
        internalType: 'struct Voter',
        type: 'tuple',
        components: [
          { name: 'canVote', internalType: 'bool', type: 'bool' },
          { name: 'index', internalType: 'uint8', type: 'uint8' },
          { name: 'weight', internalType: 'uint96', type: 'uint96' },
          { name: 'signingKey', internalType: 'address', type: 'address' },
        ],
      },
      { name: 'totalWeight', internalType: 'uint96', type: 'uint96' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operators', internalType: 'address[]', type: 'address[]' },
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'getVoters',
    outputs: [
      {
        name: 'voters',
        internalType: 'struct Voter[]',
        type: 'tuple[]',
        components: [
          { name: 'canVote', internalType: 'bool', type: 'bool' },
          { name: 'index', internalType: 'uint8', type: 'uint8' },
          { name: 'weight', internalType: 'uint96', type: 'uint96' },
          { name: 'signingKey', internalType: 'address', type: 'address' },
        ],
      },
      { name: 'totalWeight', internalType: 'uint96', type: 'uint96' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'operator', internalType: 'address', type: 'address' }],
    name: 'isMember',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'isValidReference',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'keyRegistrar',
    outputs: [
      { name: '', internalType: 'contract IKeyRegistrar', type: 'address' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'maxReferenceAge',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'maxRequestLifetime',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'maxWeightAge',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'minWeight',
    outputs: [{ name: '', internalType: 'uint96', type: 'uint96' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'operatorSetId',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operators', internalType: 'address[]', type: 'address[]' },
    ],
    name: 'refresh',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'avs_', internalType: 'address', type: 'address' },
      { name: 'operatorSetIds', internalType: 'uint32[]', type: 'uint32[]' },
      { name: '', internalType: 'bytes', type: 'bytes' },
    ],
    name: 'registerOperator',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'slashabilityHorizon',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'slashable',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'avs_', internalType: 'address', type: 'address' }],
    name: 'supportsAVS',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      { name: 'isSeated', internalType: 'bool', type: 'bool', indexed: false },
      { name: 'index', internalType: 'uint8', type: 'uint8', indexed: false },
      {
        name: 'weight',
        internalType: 'uint96',
        type: 'uint96',
        indexed: false,
      },
      {
        name: 'signingKey',
        internalType: 'address',
        type: 'address',
        indexed: false,
      },
    ],
    name: 'OperatorCheckpointed',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
    ],
    name: 'OperatorJoined',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
    ],
    name: 'OperatorLeft',
  },
  { type: 'error', inputs: [], name: 'CheckpointUnorderedInsertion' },
  {
    type: 'error',
    inputs: [{ name: 'parameter', internalType: 'string', type: 'string' }],
    name: 'InvalidConfig',
  },
  {
    type: 'error',
    inputs: [{ name: 'caller', internalType: 'address', type: 'address' }],
    name: 'NotAllocationManager',
  },
  {
    type: 'error',
    inputs: [{ name: 'operator', internalType: 'address', type: 'address' }],
    name: 'NotMember',
  },
  {
    type: 'error',
    inputs: [{ name: 'operator', internalType: 'address', type: 'address' }],
    name: 'SigningKeyMissing',
  },
  {
    type: 'error',
    inputs: [
      { name: 'horizon', internalType: 'uint256', type: 'uint256' },
      { name: 'deallocationDelay', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'StakeNotSlashable',
  },
  {
    type: 'error',
    inputs: [
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
      { name: 'clock', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'TimepointNotPast',
  },
  {
    type: 'error',
    inputs: [{ name: 'avs', internalType: 'address', type: 'address' }],
    name: 'UnknownAVS',
  },
  { type: 'error', inputs: [], name: 'UnknownOperatorSet' },
] as const

//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
// OperatorTableSet
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////

export const operatorTableSetAbi = [
  {
    type: 'constructor',
    inputs: [
      {
        name: 'config',
        internalType: 'struct TableSetConfig',
        type: 'tuple',
        components: [
          {
            name: 'certificateVerifier',
            internalType: 'address',
            type: 'address',
          },
          { name: 'avs', internalType: 'address', type: 'address' },
          { name: 'operatorSetId', internalType: 'uint32', type: 'uint32' },
          { name: 'multipliers', internalType: 'uint96[]', type: 'uint96[]' },
          { name: 'minWeight', internalType: 'uint96', type: 'uint96' },
          { name: 'maxReferenceAge', internalType: 'uint32', type: 'uint32' },
          { name: 'supersededGrace', internalType: 'uint32', type: 'uint32' },
          {
            name: 'maxRequestLifetime',
            internalType: 'uint32',
            type: 'uint32',
          },
          { name: 'evidenceWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'weightLookahead', internalType: 'uint32', type: 'uint32' },
          { name: 'waiveSlashability', internalType: 'bool', type: 'bool' },
        ],
      },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'CLOCK_MODE',
    outputs: [{ name: '', internalType: 'string', type: 'string' }],
    stateMutability: 'pure',
  },
  {
    type: 'function',
    inputs: [],
    name: 'avs',
    outputs: [{ name: '', internalType: 'address', type: 'address' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'certificateVerifier',
    outputs: [
      {
        name: '',
        internalType: 'contract IECDSACertificateVerifier',
        type: 'address',
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'clock',
    outputs: [{ name: '', internalType: 'uint48', type: 'uint48' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'getMultipliers',
    outputs: [{ name: '', internalType: 'uint96[]', type: 'uint96[]' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'getTotalWeight',
    outputs: [{ name: 'totalWeight', internalType: 'uint96', type: 'uint96' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'getVoter',
    outputs: [
      {
        name: 'voter',
        internalType: 'struct Voter',
        type: 'tuple',
        components: [
          { name: 'canVote', internalType: 'bool', type: 'bool' },
          { name: 'index', internalType: 'uint8', type: 'uint8' },
          { name: 'weight', internalType: 'uint96', type: 'uint96' },
          { name: 'signingKey', internalType: 'address', type: 'address' },
        ],
      },
      { name: 'totalWeight', internalType: 'uint96', type: 'uint96' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operators', internalType: 'address[]', type: 'address[]' },
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'getVoters',
    outputs: [
      {
        name: 'voters',
        internalType: 'struct Voter[]',
        type: 'tuple[]',
        components: [
          { name: 'canVote', internalType: 'bool', type: 'bool' },
          { name: 'index', internalType: 'uint8', type: 'uint8' },
          { name: 'weight', internalType: 'uint96', type: 'uint96' },
          { name: 'signingKey', internalType: 'address', type: 'address' },
        ],
      },
      { name: 'totalWeight', internalType: 'uint96', type: 'uint96' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'isLoaded',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'isValidReference',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'latestLoaded',
    outputs: [{ name: '', internalType: 'uint48', type: 'uint48' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'loadTable',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'maxReferenceAge',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'maxRequestLifetime',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'minWeight',
    outputs: [{ name: '', internalType: 'uint96', type: 'uint96' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'operatorSetId',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'slashabilityHorizon',
    outputs: [{ name: '', internalType: 'uint40', type: 'uint40' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'slashable',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'supersededGrace',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'weightLookahead',
    outputs: [{ name: '', internalType: 'uint32', type: 'uint32' }],
    stateMutability: 'view',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'timepoint',
        internalType: 'uint48',
        type: 'uint48',
        indexed: true,
      },
      {
        name: 'totalWeight',
        internalType: 'uint96',
        type: 'uint96',
        indexed: false,
      },
      {
        name: 'operators',
        internalType: 'address[]',
        type: 'address[]',
        indexed: false,
      },
      {
        name: 'weights',
        internalType: 'uint96[]',
        type: 'uint96[]',
        indexed: false,
      },
    ],
    name: 'TableLoaded',
  },
  {
    type: 'error',
    inputs: [
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
      { name: 'operator', internalType: 'address', type: 'address' },
    ],
    name: 'DuplicateOperator',
  },
  {
    type: 'error',
    inputs: [{ name: 'parameter', internalType: 'string', type: 'string' }],
    name: 'InvalidConfig',
  },
  {
    type: 'error',
    inputs: [
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
      { name: 'latest', internalType: 'uint32', type: 'uint32' },
    ],
    name: 'NotLatestTable',
  },
  {
    type: 'error',
    inputs: [
      { name: 'horizon', internalType: 'uint256', type: 'uint256' },
      { name: 'weightLookahead', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'StakeNotSlashable',
  },
  {
    type: 'error',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'TableAlreadyLoaded',
  },
  {
    type: 'error',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'TableNotLoaded',
  },
  {
    type: 'error',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'TableRootDisabled',
  },
  {
    type: 'error',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'TableWithoutWeight',
  },
  {
    type: 'error',
    inputs: [
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
      { name: 'clock', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'TimepointNotPast',
  },
  {
    type: 'error',
    inputs: [
      { name: 'timepoint', internalType: 'uint48', type: 'uint48' },
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'length', internalType: 'uint256', type: 'uint256' },
      { name: 'expected', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'WeightsMismatch',
  },
  {
    type: 'error',
    inputs: [{ name: 'timepoint', internalType: 'uint48', type: 'uint48' }],
    name: 'ZeroOperator',
  },
] as const

//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
// ProofOfInferenceAVS
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////

export const proofOfInferenceAvsAbi = [
  {
    type: 'constructor',
    inputs: [
      {
        name: 'config',
        internalType: 'struct AVSConfig',
        type: 'tuple',
        components: [
          { name: 'owner', internalType: 'address', type: 'address' },
          { name: 'modelRegistry', internalType: 'address', type: 'address' },
          { name: 'operatorSet', internalType: 'address', type: 'address' },
          {
            name: 'identityRegistry',
            internalType: 'address',
            type: 'address',
          },
          {
            name: 'validationRegistry',
            internalType: 'address',
            type: 'address',
          },
          {
            name: 'reputationRegistry',
            internalType: 'address',
            type: 'address',
          },
          {
            name: 'allocationManager',
            internalType: 'address',
            type: 'address',
          },
          { name: 'keyRegistrar', internalType: 'address', type: 'address' },
          { name: 'slasher', internalType: 'address', type: 'address' },
          { name: 'operatorSetId', internalType: 'uint32', type: 'uint32' },
          { name: 'strategies', internalType: 'address[]', type: 'address[]' },
          { name: 'metadataURI', internalType: 'string', type: 'string' },
          {
            name: 'tables',
            internalType: 'struct TableConfig',
            type: 'tuple',
            components: [
              {
                name: 'crossChainRegistry',
                internalType: 'address',
                type: 'address',
              },
              { name: 'calculator', internalType: 'address', type: 'address' },
              { name: 'maxStaleness', internalType: 'uint32', type: 'uint32' },
            ],
          },
        ],
      },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'acceptOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      {
        name: 'requests',
        internalType: 'struct Request[]',
        type: 'tuple[]',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
      },
    ],
    name: 'claimFees',
    outputs: [{ name: 'credited', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'request',
        internalType: 'struct Request',
        type: 'tuple',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
      },
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'commitment', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'commitVerification',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [{ name: 'asset', internalType: 'address', type: 'address' }],
    name: 'completeDepositWithdrawal',
    outputs: [{ name: 'amount', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'amount', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'deposit',
    outputs: [],
    stateMutability: 'payable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'depositWithdrawalDelay',
    outputs: [{ name: '', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'eip712Domain',
    outputs: [
      { name: 'fields', internalType: 'bytes1', type: 'bytes1' },
      { name: 'name', internalType: 'string', type: 'string' },
      { name: 'version', internalType: 'string', type: 'string' },
      { name: 'chainId', internalType: 'uint256', type: 'uint256' },
      { name: 'verifyingContract', internalType: 'address', type: 'address' },
      { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
      { name: 'extensions', internalType: 'uint256[]', type: 'uint256[]' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'agentId', internalType: 'uint256', type: 'uint256' }],
    name: 'getAgentRecord',
    outputs: [
      { name: 'totalJobs', internalType: 'uint64', type: 'uint64' },
      { name: 'verifiedJobs', internalType: 'uint64', type: 'uint64' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'operator', internalType: 'address', type: 'address' },
    ],
    name: 'getCommitment',
    outputs: [{ name: '', internalType: 'bytes32', type: 'bytes32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'account', internalType: 'address', type: 'address' },
    ],
    name: 'getDeposit',
    outputs: [{ name: '', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'account', internalType: 'address', type: 'address' },
    ],
    name: 'getDepositWithdrawal',
    outputs: [
      { name: 'amount', internalType: 'uint256', type: 'uint256' },
      { name: 'availableAt', internalType: 'uint256', type: 'uint256' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'account', internalType: 'address', type: 'address' },
    ],
    name: 'getEarnings',
    outputs: [{ name: '', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'jobId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'getJobState',
    outputs: [
      {
        name: 'state',
        internalType: 'struct JobState',
        type: 'tuple',
        components: [
          { name: 'status', internalType: 'enum Status', type: 'uint8' },
          { name: 'response', internalType: 'uint8', type: 'uint8' },
          { name: 'decidedAt', internalType: 'uint40', type: 'uint40' },
          { name: 'consentedAt', internalType: 'uint40', type: 'uint40' },
          { name: 'recordHash', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [{ name: 'requestId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'getRequestState',
    outputs: [
      {
        name: 'state',
        internalType: 'struct RequestState',
        type: 'tuple',
        components: [
          { name: 'status', internalType: 'enum Status', type: 'uint8' },
          { name: 'fromDeposit', internalType: 'bool', type: 'bool' },
          { name: 'feeSettled', internalType: 'bool', type: 'bool' },
          { name: 'openedAt', internalType: 'uint40', type: 'uint40' },
          { name: 'validWeight', internalType: 'uint96', type: 'uint96' },
          { name: 'invalidWeight', internalType: 'uint96', type: 'uint96' },
          {
            name: 'confidenceShortfall',
            internalType: 'uint112',
            type: 'uint112',
          },
          { name: 'runningHash', internalType: 'bytes32', type: 'bytes32' },
          { name: 'validVotes', internalType: 'uint256', type: 'uint256' },
          { name: 'invalidVotes', internalType: 'uint256', type: 'uint256' },
        ],
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'attestation',
        internalType: 'struct Attestation',
        type: 'tuple',
        components: [
          { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'operator', internalType: 'address', type: 'address' },
          { name: 'isValid', internalType: 'bool', type: 'bool' },
          { name: 'confidence', internalType: 'uint16', type: 'uint16' },
          { name: 'method', internalType: 'bytes32', type: 'bytes32' },
          { name: 'evidenceDigest', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
    ],
    name: 'hashAttestation',
    outputs: [{ name: '', internalType: 'bytes32', type: 'bytes32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
    ],
    name: 'hashJob',
    outputs: [{ name: '', internalType: 'bytes32', type: 'bytes32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'request',
        internalType: 'struct Request',
        type: 'tuple',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
      },
    ],
    name: 'hashRequest',
    outputs: [{ name: '', internalType: 'bytes32', type: 'bytes32' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'identityRegistry',
    outputs: [
      { name: '', internalType: 'contract IIdentityRegistry', type: 'address' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'amount', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'initiateDepositWithdrawal',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      { name: 'requester', internalType: 'address', type: 'address' },
      { name: 'nonce', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'isNonceUsed',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'registry', internalType: 'address', type: 'address' },
      { name: 'id', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'isPosted',
    outputs: [{ name: '', internalType: 'bool', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'modelRegistry',
    outputs: [
      { name: '', internalType: 'contract IModelRegistry', type: 'address' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'operatorSet',
    outputs: [
      { name: '', internalType: 'contract IOperatorSet', type: 'address' },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'owner',
    outputs: [{ name: '', internalType: 'address', type: 'address' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'pauseRequests',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'pausedSince',
    outputs: [{ name: '', internalType: 'uint40', type: 'uint40' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [],
    name: 'pendingOwner',
    outputs: [{ name: '', internalType: 'address', type: 'address' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
    ],
    name: 'postFeedback',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
      {
        name: 'binding',
        internalType: 'struct Binding',
        type: 'tuple',
        components: [
          { name: 'subjectHash', internalType: 'bytes32', type: 'bytes32' },
          { name: 'minScore', internalType: 'uint8', type: 'uint8' },
        ],
      },
      { name: 'uri', internalType: 'string', type: 'string' },
    ],
    name: 'postReceipt',
    outputs: [
      { name: 'requestHash', internalType: 'bytes32', type: 'bytes32' },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
      { name: 'consent', internalType: 'bytes', type: 'bytes' },
    ],
    name: 'recordConsent',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'request',
        internalType: 'struct Request',
        type: 'tuple',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
      },
    ],
    name: 'releaseUnearnedFee',
    outputs: [{ name: 'amount', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'renounceOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'reputationRegistry',
    outputs: [
      {
        name: '',
        internalType: 'contract IReputationRegistry',
        type: 'address',
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'request',
        internalType: 'struct Request',
        type: 'tuple',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
      },
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
      {
        name: 'opening',
        internalType: 'struct Opening',
        type: 'tuple',
        components: [
          { name: 'fromDeposit', internalType: 'bool', type: 'bool' },
          { name: 'consent', internalType: 'bytes', type: 'bytes' },
          { name: 'input', internalType: 'bytes', type: 'bytes' },
          { name: 'output', internalType: 'bytes', type: 'bytes' },
        ],
      },
    ],
    name: 'requestInferenceVerification',
    outputs: [{ name: '', internalType: 'bytes32', type: 'bytes32' }],
    stateMutability: 'payable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
      { name: 'isValid', internalType: 'bool', type: 'bool' },
      { name: 'secret', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'revealCanary',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [{ name: 'metadataURI', internalType: 'string', type: 'string' }],
    name: 'setMetadataURI',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'certificates',
        internalType: 'struct Certificate[]',
        type: 'tuple[]',
        components: [
          {
            name: 'request',
            internalType: 'struct Request',
            type: 'tuple',
            components: [
              { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
              { name: 'requester', internalType: 'address', type: 'address' },
              { name: 'asset', internalType: 'address', type: 'address' },
              { name: 'reward', internalType: 'uint128', type: 'uint128' },
              {
                name: 'verificationFee',
                internalType: 'uint128',
                type: 'uint128',
              },
              { name: 'deadline', internalType: 'uint40', type: 'uint40' },
              {
                name: 'referenceTimepoint',
                internalType: 'uint48',
                type: 'uint48',
              },
              { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
              { name: 'nonce', internalType: 'uint256', type: 'uint256' },
            ],
          },
          {
            name: 'job',
            internalType: 'struct Job',
            type: 'tuple',
            components: [
              {
                name: 'modelVersionId',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
              {
                name: 'outputDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              { name: 'hasAgent', internalType: 'bool', type: 'bool' },
              { name: 'agentId', internalType: 'uint256', type: 'uint256' },
              { name: 'payee', internalType: 'address', type: 'address' },
              { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
              {
                name: 'minAttestations',
                internalType: 'uint16',
                type: 'uint16',
              },
              { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
              { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
            ],
          },
          { name: 'requesterSignature', internalType: 'bytes', type: 'bytes' },
          { name: 'consent', internalType: 'bytes', type: 'bytes' },
          {
            name: 'votes',
            internalType: 'struct Vote[]',
            type: 'tuple[]',
            components: [
              { name: 'operator', internalType: 'address', type: 'address' },
              { name: 'isValid', internalType: 'bool', type: 'bool' },
              { name: 'confidence', internalType: 'uint16', type: 'uint16' },
              {
                name: 'evidenceDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              { name: 'r', internalType: 'bytes32', type: 'bytes32' },
              { name: 'vs', internalType: 'bytes32', type: 'bytes32' },
            ],
          },
        ],
      },
    ],
    name: 'settleCertificates',
    outputs: [
      { name: 'statuses', internalType: 'enum Status[]', type: 'uint8[]' },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'request',
        internalType: 'struct Request',
        type: 'tuple',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
      },
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
    ],
    name: 'settleRequest',
    outputs: [{ name: '', internalType: 'enum Status', type: 'uint8' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'request',
        internalType: 'struct Request',
        type: 'tuple',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
      },
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
      {
        name: 'attestation',
        internalType: 'struct Attestation',
        type: 'tuple',
        components: [
          { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'operator', internalType: 'address', type: 'address' },
          { name: 'isValid', internalType: 'bool', type: 'bool' },
          { name: 'confidence', internalType: 'uint16', type: 'uint16' },
          { name: 'method', internalType: 'bytes32', type: 'bytes32' },
          { name: 'evidenceDigest', internalType: 'bytes32', type: 'bytes32' },
        ],
      },
      { name: 'signature', internalType: 'bytes', type: 'bytes' },
      { name: 'operatorSalt', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'submitVerification',
    outputs: [{ name: '', internalType: 'enum Status', type: 'uint8' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [
      {
        name: 'ballots',
        internalType: 'struct Ballot[]',
        type: 'tuple[]',
        components: [
          {
            name: 'request',
            internalType: 'struct Request',
            type: 'tuple',
            components: [
              { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
              { name: 'requester', internalType: 'address', type: 'address' },
              { name: 'asset', internalType: 'address', type: 'address' },
              { name: 'reward', internalType: 'uint128', type: 'uint128' },
              {
                name: 'verificationFee',
                internalType: 'uint128',
                type: 'uint128',
              },
              { name: 'deadline', internalType: 'uint40', type: 'uint40' },
              {
                name: 'referenceTimepoint',
                internalType: 'uint48',
                type: 'uint48',
              },
              { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
              { name: 'nonce', internalType: 'uint256', type: 'uint256' },
            ],
          },
          {
            name: 'job',
            internalType: 'struct Job',
            type: 'tuple',
            components: [
              {
                name: 'modelVersionId',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
              {
                name: 'outputDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              { name: 'hasAgent', internalType: 'bool', type: 'bool' },
              { name: 'agentId', internalType: 'uint256', type: 'uint256' },
              { name: 'payee', internalType: 'address', type: 'address' },
              { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
              {
                name: 'minAttestations',
                internalType: 'uint16',
                type: 'uint16',
              },
              { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
              { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
            ],
          },
          {
            name: 'votes',
            internalType: 'struct Vote[]',
            type: 'tuple[]',
            components: [
              { name: 'operator', internalType: 'address', type: 'address' },
              { name: 'isValid', internalType: 'bool', type: 'bool' },
              { name: 'confidence', internalType: 'uint16', type: 'uint16' },
              {
                name: 'evidenceDigest',
                internalType: 'bytes32',
                type: 'bytes32',
              },
              { name: 'r', internalType: 'bytes32', type: 'bytes32' },
              { name: 'vs', internalType: 'bytes32', type: 'bytes32' },
            ],
          },
          {
            name: 'operatorSalts',
            internalType: 'bytes32[]',
            type: 'bytes32[]',
          },
        ],
      },
    ],
    name: 'submitVerifications',
    outputs: [
      { name: 'statuses', internalType: 'enum Status[]', type: 'uint8[]' },
    ],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [{ name: 'newOwner', internalType: 'address', type: 'address' }],
    name: 'transferOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'unpauseRequests',
    outputs: [],
    stateMutability: 'nonpayable',
  },
  {
    type: 'function',
    inputs: [],
    name: 'validationRegistry',
    outputs: [
      {
        name: '',
        internalType: 'contract IValidationRegistry',
        type: 'address',
      },
    ],
    stateMutability: 'view',
  },
  {
    type: 'function',
    inputs: [
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'account', internalType: 'address', type: 'address' },
    ],
    name: 'withdrawEarnings',
    outputs: [{ name: 'amount', internalType: 'uint256', type: 'uint256' }],
    stateMutability: 'nonpayable',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'jobId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      { name: 'isValid', internalType: 'bool', type: 'bool', indexed: false },
    ],
    name: 'CanaryRevealed',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'jobId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'agentId',
        internalType: 'uint256',
        type: 'uint256',
        indexed: true,
      },
      {
        name: 'payee',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
    ],
    name: 'ConsentRecorded',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'account',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'asset',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'amount',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
      {
        name: 'availableAt',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
    ],
    name: 'DepositWithdrawalInitiated',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'account',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'asset',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'amount',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
    ],
    name: 'DepositWithdrawn',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'account',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'asset',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'amount',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
    ],
    name: 'Deposited',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'account',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'asset',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'amount',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
    ],
    name: 'EarningsWithdrawn',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'jobId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'agentId',
        internalType: 'uint256',
        type: 'uint256',
        indexed: true,
      },
      { name: 'value', internalType: 'uint8', type: 'uint8', indexed: false },
    ],
    name: 'FeedbackPosted',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'asset',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'amount',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
    ],
    name: 'FeesClaimed',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'jobId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'requester',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'request',
        internalType: 'struct Request',
        type: 'tuple',
        components: [
          { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'requester', internalType: 'address', type: 'address' },
          { name: 'asset', internalType: 'address', type: 'address' },
          { name: 'reward', internalType: 'uint128', type: 'uint128' },
          { name: 'verificationFee', internalType: 'uint128', type: 'uint128' },
          { name: 'deadline', internalType: 'uint40', type: 'uint40' },
          {
            name: 'referenceTimepoint',
            internalType: 'uint48',
            type: 'uint48',
          },
          { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
          { name: 'nonce', internalType: 'uint256', type: 'uint256' },
        ],
        indexed: false,
      },
      {
        name: 'job',
        internalType: 'struct Job',
        type: 'tuple',
        components: [
          { name: 'modelVersionId', internalType: 'bytes32', type: 'bytes32' },
          { name: 'inputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'outputDigest', internalType: 'bytes32', type: 'bytes32' },
          { name: 'hasAgent', internalType: 'bool', type: 'bool' },
          { name: 'agentId', internalType: 'uint256', type: 'uint256' },
          { name: 'payee', internalType: 'address', type: 'address' },
          { name: 'quorumBps', internalType: 'uint16', type: 'uint16' },
          { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
          { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
          { name: 'salt', internalType: 'bytes32', type: 'bytes32' },
        ],
        indexed: false,
      },
      {
        name: 'fromDeposit',
        internalType: 'bool',
        type: 'bool',
        indexed: false,
      },
    ],
    name: 'InferenceVerificationRequested',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'previousOwner',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'newOwner',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
    ],
    name: 'OwnershipTransferStarted',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'previousOwner',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'newOwner',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
    ],
    name: 'OwnershipTransferred',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'digest',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      { name: 'data', internalType: 'bytes', type: 'bytes', indexed: false },
    ],
    name: 'PayloadPublished',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'jobId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'requestHash',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'binding',
        internalType: 'struct Binding',
        type: 'tuple',
        components: [
          { name: 'subjectHash', internalType: 'bytes32', type: 'bytes32' },
          { name: 'minScore', internalType: 'uint8', type: 'uint8' },
        ],
        indexed: false,
      },
      {
        name: 'response',
        internalType: 'uint8',
        type: 'uint8',
        indexed: false,
      },
    ],
    name: 'ReceiptPosted',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'jobId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'status',
        internalType: 'enum Status',
        type: 'uint8',
        indexed: false,
      },
      {
        name: 'response',
        internalType: 'uint8',
        type: 'uint8',
        indexed: false,
      },
      {
        name: 'runningHash',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: false,
      },
      {
        name: 'decidesJob',
        internalType: 'bool',
        type: 'bool',
        indexed: false,
      },
    ],
    name: 'RequestFinalized',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      { name: 'reason', internalType: 'bytes', type: 'bytes', indexed: false },
    ],
    name: 'RequestSkipped',
  },
  { type: 'event', anonymous: false, inputs: [], name: 'RequestsPaused' },
  { type: 'event', anonymous: false, inputs: [], name: 'RequestsUnpaused' },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'amount',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
    ],
    name: 'UnearnedFeeReleased',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'commitment',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: false,
      },
    ],
    name: 'VerificationCommitted',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      { name: 'reason', internalType: 'bytes', type: 'bytes', indexed: false },
    ],
    name: 'VerificationSkipped',
  },
  {
    type: 'event',
    anonymous: false,
    inputs: [
      {
        name: 'requestId',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: true,
      },
      {
        name: 'operator',
        internalType: 'address',
        type: 'address',
        indexed: true,
      },
      {
        name: 'verdict',
        internalType: 'uint256',
        type: 'uint256',
        indexed: false,
      },
      {
        name: 'evidenceDigest',
        internalType: 'bytes32',
        type: 'bytes32',
        indexed: false,
      },
      { name: 'r', internalType: 'bytes32', type: 'bytes32', indexed: false },
      { name: 'vs', internalType: 'bytes32', type: 'bytes32', indexed: false },
    ],
    name: 'VerificationSubmitted',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'operator', internalType: 'address', type: 'address' },
    ],
    name: 'AlreadyCommitted',
  },
  {
    type: 'error',
    inputs: [
      { name: 'registry', internalType: 'address', type: 'address' },
      { name: 'id', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'AlreadyPosted',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'operator', internalType: 'address', type: 'address' },
    ],
    name: 'AlreadyVoted',
  },
  {
    type: 'error',
    inputs: [
      { name: 'modelId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'asset', internalType: 'address', type: 'address' },
    ],
    name: 'AssetNotAccepted',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      {
        name: 'attestationRequestId',
        internalType: 'bytes32',
        type: 'bytes32',
      },
    ],
    name: 'AttestationMismatch',
  },
  {
    type: 'error',
    inputs: [
      { name: 'expected', internalType: 'bytes32', type: 'bytes32' },
      { name: 'actual', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'CanaryMismatch',
  },
  {
    type: 'error',
    inputs: [{ name: 'closedAt', internalType: 'uint256', type: 'uint256' }],
    name: 'CommitWindowClosed',
  },
  {
    type: 'error',
    inputs: [{ name: 'closesAt', internalType: 'uint256', type: 'uint256' }],
    name: 'CommitWindowOpen',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'operator', internalType: 'address', type: 'address' },
    ],
    name: 'CommitmentMismatch',
  },
  {
    type: 'error',
    inputs: [
      { name: 'confidence', internalType: 'uint16', type: 'uint16' },
      { name: 'maximum', internalType: 'uint16', type: 'uint16' },
    ],
    name: 'ConfidenceOutOfRange',
  },
  {
    type: 'error',
    inputs: [
      { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'agentId', internalType: 'uint256', type: 'uint256' },
      { name: 'payee', internalType: 'address', type: 'address' },
    ],
    name: 'ConsentMissing',
  },
  {
    type: 'error',
    inputs: [{ name: 'expected', internalType: 'address', type: 'address' }],
    name: 'ContractMissing',
  },
  { type: 'error', inputs: [], name: 'FailedCall' },
  {
    type: 'error',
    inputs: [
      { name: 'verificationFee', internalType: 'uint256', type: 'uint256' },
      { name: 'minimumFee', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'FeeBelowMinimum',
  },
  {
    type: 'error',
    inputs: [
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'required', internalType: 'uint256', type: 'uint256' },
      { name: 'received', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'IncorrectPayment',
  },
  {
    type: 'error',
    inputs: [
      { name: 'balance', internalType: 'uint256', type: 'uint256' },
      { name: 'needed', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'InsufficientBalance',
  },
  {
    type: 'error',
    inputs: [
      { name: 'account', internalType: 'address', type: 'address' },
      { name: 'asset', internalType: 'address', type: 'address' },
      { name: 'required', internalType: 'uint256', type: 'uint256' },
      { name: 'available', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'InsufficientDeposit',
  },
  {
    type: 'error',
    inputs: [
      { name: 'hasAgent', internalType: 'bool', type: 'bool' },
      { name: 'agentId', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'InvalidAgent',
  },
  {
    type: 'error',
    inputs: [
      { name: 'commitWindow', internalType: 'uint32', type: 'uint32' },
      { name: 'deadline', internalType: 'uint40', type: 'uint40' },
    ],
    name: 'InvalidCommitWindow',
  },
  {
    type: 'error',
    inputs: [
      { name: 'deadline', internalType: 'uint40', type: 'uint40' },
      { name: 'earliest', internalType: 'uint256', type: 'uint256' },
      { name: 'latest', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'InvalidDeadline',
  },
  {
    type: 'error',
    inputs: [
      { name: 'minAttestations', internalType: 'uint16', type: 'uint16' },
    ],
    name: 'InvalidMinAttestations',
  },
  {
    type: 'error',
    inputs: [
      { name: 'minConfidence', internalType: 'uint16', type: 'uint16' },
      { name: 'validConfidence', internalType: 'uint16', type: 'uint16' },
    ],
    name: 'InvalidMinConfidence',
  },
  {
    type: 'error',
    inputs: [{ name: 'payee', internalType: 'address', type: 'address' }],
    name: 'InvalidPayee',
  },
  {
    type: 'error',
    inputs: [{ name: 'quorumBps', internalType: 'uint16', type: 'uint16' }],
    name: 'InvalidQuorum',
  },
  {
    type: 'error',
    inputs: [
      { name: 'referenceTimepoint', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'InvalidReference',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'requester', internalType: 'address', type: 'address' },
    ],
    name: 'InvalidRequesterSignature',
  },
  {
    type: 'error',
    inputs: [
      { name: 'recovered', internalType: 'address', type: 'address' },
      { name: 'signingKey', internalType: 'address', type: 'address' },
    ],
    name: 'InvalidSigner',
  },
  {
    type: 'error',
    inputs: [
      { name: 'jobId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'status', internalType: 'enum Status', type: 'uint8' },
    ],
    name: 'JobAlreadyDecided',
  },
  {
    type: 'error',
    inputs: [
      { name: 'expected', internalType: 'bytes32', type: 'bytes32' },
      { name: 'actual', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'JobMismatch',
  },
  {
    type: 'error',
    inputs: [{ name: 'jobId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'JobNotDecided',
  },
  {
    type: 'error',
    inputs: [
      { name: 'expected', internalType: 'bytes32', type: 'bytes32' },
      { name: 'actual', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'MethodMismatch',
  },
  {
    type: 'error',
    inputs: [{ name: 'modelId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'ModelInactive',
  },
  {
    type: 'error',
    inputs: [
      { name: 'modelRegistry', internalType: 'address', type: 'address' },
      { name: 'avs', internalType: 'address', type: 'address' },
    ],
    name: 'ModelRegistryMismatch',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requester', internalType: 'address', type: 'address' },
      { name: 'nonce', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'NonceAlreadyUsed',
  },
  {
    type: 'error',
    inputs: [
      { name: 'caller', internalType: 'address', type: 'address' },
      { name: 'operator', internalType: 'address', type: 'address' },
    ],
    name: 'NotCommitter',
  },
  {
    type: 'error',
    inputs: [
      { name: 'caller', internalType: 'address', type: 'address' },
      { name: 'requester', internalType: 'address', type: 'address' },
    ],
    name: 'NotRequester',
  },
  {
    type: 'error',
    inputs: [
      { name: 'account', internalType: 'address', type: 'address' },
      { name: 'asset', internalType: 'address', type: 'address' },
    ],
    name: 'NothingToWithdraw',
  },
  {
    type: 'error',
    inputs: [
      { name: 'operator', internalType: 'address', type: 'address' },
      { name: 'referenceTimepoint', internalType: 'uint48', type: 'uint48' },
    ],
    name: 'OperatorCannotVote',
  },
  {
    type: 'error',
    inputs: [
      { name: 'votes', internalType: 'uint256', type: 'uint256' },
      { name: 'operatorSalts', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'OperatorSaltsMismatch',
  },
  {
    type: 'error',
    inputs: [{ name: 'owner', internalType: 'address', type: 'address' }],
    name: 'OwnableInvalidOwner',
  },
  {
    type: 'error',
    inputs: [{ name: 'account', internalType: 'address', type: 'address' }],
    name: 'OwnableUnauthorizedAccount',
  },
  {
    type: 'error',
    inputs: [
      { name: 'expected', internalType: 'bytes32', type: 'bytes32' },
      { name: 'actual', internalType: 'bytes32', type: 'bytes32' },
    ],
    name: 'PayloadDigestMismatch',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'validWeight', internalType: 'uint96', type: 'uint96' },
      { name: 'invalidWeight', internalType: 'uint96', type: 'uint96' },
      { name: 'totalWeight', internalType: 'uint96', type: 'uint96' },
    ],
    name: 'QuorumNotReached',
  },
  { type: 'error', inputs: [], name: 'ReentrancyGuardReentrantCall' },
  {
    type: 'error',
    inputs: [
      { name: 'registry', internalType: 'address', type: 'address' },
      { name: 'identityRegistry', internalType: 'address', type: 'address' },
    ],
    name: 'RegistryMismatch',
  },
  { type: 'error', inputs: [], name: 'RegistryMissing' },
  {
    type: 'error',
    inputs: [{ name: 'requestId', internalType: 'bytes32', type: 'bytes32' }],
    name: 'RequestAlreadyOpened',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'deadline', internalType: 'uint40', type: 'uint40' },
    ],
    name: 'RequestDeadlinePassed',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'status', internalType: 'enum Status', type: 'uint8' },
    ],
    name: 'RequestNotFinal',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'status', internalType: 'enum Status', type: 'uint8' },
    ],
    name: 'RequestNotOpen',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestId', internalType: 'bytes32', type: 'bytes32' },
      { name: 'deadline', internalType: 'uint40', type: 'uint40' },
    ],
    name: 'RequestNotSettleable',
  },
  {
    type: 'error',
    inputs: [{ name: 'since', internalType: 'uint40', type: 'uint40' }],
    name: 'RequestsArePaused',
  },
  {
    type: 'error',
    inputs: [{ name: 'token', internalType: 'address', type: 'address' }],
    name: 'SafeERC20FailedOperation',
  },
  {
    type: 'error',
    inputs: [
      { name: 'slasher', internalType: 'address', type: 'address' },
      { name: 'avs', internalType: 'address', type: 'address' },
    ],
    name: 'SlasherMismatch',
  },
  {
    type: 'error',
    inputs: [
      { name: 'requestHash', internalType: 'bytes32', type: 'bytes32' },
      { name: 'validator', internalType: 'address', type: 'address' },
      { name: 'agentId', internalType: 'uint256', type: 'uint256' },
    ],
    name: 'ValidationMismatch',
  },
  {
    type: 'error',
    inputs: [{ name: 'availableAt', internalType: 'uint256', type: 'uint256' }],
    name: 'WithdrawalNotReady',
  },
  { type: 'error', inputs: [], name: 'ZeroAmount' },
] as const
