/** How a request stands, in the order of the contracts' `Status`. */
export const requestStatuses = ['none', 'open', 'verified', 'rejected', 'expired'] as const

/** Where a request is. */
export type RequestStatus = (typeof requestStatuses)[number]

/** How a job stands: undecided (`none`), or as its first decided request said. */
export type JobStatus = Extract<RequestStatus, 'none' | 'verified' | 'rejected'>

/** The name of a status of the contracts. */
export function toRequestStatus(status: number): RequestStatus {
  const name = requestStatuses[status]
  if (name === undefined) throw new RangeError(`${status} is no status of a request.`)
  return name
}

/** The name of a job's status of the contracts. */
export function toJobStatus(status: number): JobStatus {
  const name = toRequestStatus(status)
  if (name === 'open' || name === 'expired') throw new RangeError(`${name} is no status of a job.`)
  return name
}
