import { type AbiItem, BaseError, decodeErrorResult, ExecutionRevertedError, formatAbiItemWithArgs, type Hex, isHex, parseAbi } from 'viem'
