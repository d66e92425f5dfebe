/** How a request stands, in the order of the contracts' `Status`. A job is only ever none, verified or rejected. */
export const requestStatuses = ['none', 'open', 'verified', 'rejected', 'expired'] as const

export type RequestStatus = (typeof requestStatuses)[number]

/** The name of a status of the contracts. */
export function toRequestStatus(status: number): RequestStatus {
  const name = requestStatuses[status]
  if (name === undefined) throw new RangeError(`${status} is no status of a request.`)
  return name
}
