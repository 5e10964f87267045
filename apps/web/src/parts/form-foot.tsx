import { Twin } from './twin.tsx'

/** The end of a form: the same act on the command line, the way out, and the button that does it. */
export function FormFoot(props: { readonly twin: string; readonly act: string; readonly isPending: boolean; readonly close: () => void }) {
  return (
    <footer class="form-foot">
      <Twin args={props.twin} />
      <span class="form-buttons">
        <button type="button" class="button" onClick={() => props.close()}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={props.isPending}>
          {props.act}
        </button>
      </span>
    </footer>
  )
}
