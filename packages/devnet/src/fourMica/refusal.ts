/** What the service answers with a status and a reason. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409
  constructor(status: Refusal['status'], message: string) {
    super(message)
    this.status = status
  }
}
