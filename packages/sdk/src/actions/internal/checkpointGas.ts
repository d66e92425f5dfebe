/** Above what a checkpoint costs more in a later block than in the one that the gas was estimated for. */
export const checkpointGas = 100_000n
