import { onCleanup, onMount, type JSX } from 'solid-js'

interface Props {
  readonly title: string
  readonly close: () => void
  readonly class?: string
  readonly children: JSX.Element
}

/** A dialog above the page. The browser keeps the focus inside, closes it on Escape, and gives the focus back. */
export function Dialog(props: Props) {
  const show = (dialog: HTMLDialogElement): void => {
    onMount(() => dialog.showModal())
    onCleanup(() => dialog.close())
  }
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === event.currentTarget) props.close()
  }
  return (
    <dialog ref={show} class={`dialog ${props.class ?? ''}`} aria-label={props.title} onClose={() => props.close()} onMouseDown={closeOutside}>
      {props.children}
    </dialog>
  )
}
