import { createSignal } from 'solid-js'

/** Shows a button that copies `text`; what it is goes into its name. */
export function Copy(props: { readonly text: string; readonly what: string }) {
  const [word, setWord] = createSignal('Copy')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(props.text)
      setWord('Copied')
    } catch {
      setWord('Not allowed') // The browser refused the clipboard: the text stays selectable beside the button.
    }
    setTimeout(() => setWord('Copy'), 1_500)
  }
  return (
    <button type="button" class="copy" aria-label={`Copy ${props.what}`} onClick={() => void copy()}>
      <span aria-live="polite">{word()}</span>
    </button>
  )
}
