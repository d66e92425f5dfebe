import type { Account, GetAccountParameter, Hash } from 'viem'
