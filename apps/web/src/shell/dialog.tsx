import { onCleanup, onMount, type JSX } from 'solid-js'

interface Props {
  readonly title: string
  readonly close: () => void
  readonly class?: string
  readonly children: JSX.Element
}

/** A dialog above the page. The browser keeps the focus inside, closes it on Escape, and gives the focus back. */
export function Dialog(props: Props) {
  let isShown = true
  const show = (dialog: HTMLDialogElement): void => {
    onMount(() => dialog.showModal())
    onCleanup(() => {
      isShown = false
      dialog.close()
    })
  }
  // The browser tells of it a moment later: by then another dialog may be open in this one's place.
  const closed = (): void => {
    if (isShown) props.close()
  }
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === event.currentTarget) props.close()
  }
  return (
    <dialog ref={show} class={`dialog ${props.class ?? ''}`} aria-label={props.title} onClose={closed} onMouseDown={closeOutside}>
      {props.children}
    </dialog>
  )
}
