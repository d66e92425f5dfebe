import type { Problem } from './problems.ts'

/** The element with an id, which has to be there and of the kind. */
export function find<kind extends Element>(id: string, kind: new () => kind): kind {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new TypeError(`The page has no ${kind.name} #${id}.`)
}

type Attributes = Readonly<Record<string, string>>

export function create<name extends keyof HTMLElementTagNameMap>(
  name: name,
  attributes: Attributes,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

/** Text in which backticks mark what is code. */
export function toText(text: string): (Node | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 0 ? part : create('code', {}, part)))
}

/** A button with the text that says what it does, is doing, or waits for; and where its failure is told. */
export type Step = ReturnType<typeof findStep>

export function findStep(button: string, name: string) {
  return {
    button: find(button, HTMLButtonElement),
    status: find(`${name}-status`, HTMLParagraphElement),
    problem: find(`${name}-problem`, HTMLDivElement),
  }
}

/** Not `disabled`, which would take the focus away: the button stays where it is and says why it does nothing. */
export function setEnabled({ button }: Step, isEnabled: boolean): void {
  button.setAttribute('aria-disabled', String(!isEnabled))
}

export function showProblem({ problem }: Step, shown: Problem | undefined): void {
  problem.hidden = shown === undefined
  problem.replaceChildren()
  if (!shown) return
  const { what, todo, details, docsUrl } = shown
  problem.append(
    create('p', {}, create('strong', {}, what)),
    create('p', {}, ...toText(todo), ...(docsUrl ? [' ', create('a', { href: docsUrl }, 'About this error')] : [])),
    create('details', {}, create('summary', {}, 'Details'), create('pre', {}, details)),
  )
}

/** The radio buttons of a name, with what each stands for by its value. */
export function findChoices<choice>(name: string, choices: Readonly<Record<string, choice>>) {
  const radios = document.querySelectorAll<HTMLInputElement>(`input[type=radio][name=${name}]`)
  const rows = [...radios].map((radio) => {
    const choice = choices[radio.value]
    if (choice === undefined) throw new TypeError(`The page offers the unknown ${name} ${radio.value}.`)
    return { radio, choice, label: radio.labels?.[0] }
  })
  return {
    rows,
    chosen(): choice {
      const row = rows.find(({ radio }) => radio.checked)
      if (!row) throw new TypeError(`No ${name} is chosen.`)
      return row.choice
    },
  }
}

/** Draws a sound. It says nothing that the text does not. */
export function drawWave(svg: SVGSVGElement, audio: Float32Array): void {
  svg.setAttribute('viewBox', `0 -1 ${audio.length} 2`)
  svg.setAttribute('preserveAspectRatio', 'none')
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
  line.setAttribute('points', Array.from(audio, (value, index) => `${index},${(-1.8 * value).toFixed(3)}`).join(' '))
  svg.replaceChildren(line)
}

export function setText(id: string, text: string): void {
  find(id, HTMLElement).textContent = text
}
