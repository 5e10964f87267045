import { program } from '../session/session.ts'
import { Copy } from './copy.tsx'

/** Shows a command as text to copy, exactly as it is to be typed. */
export function Command(props: { readonly text: string }) {
  return (
    <span class="command">
      <code>{props.text}</code>
      <Copy text={props.text} what={`the command ${props.text}`} />
    </span>
  )
}

/** Shows the same act on the command line: `args` are what follows the program's name. */
export function Twin(props: { readonly args: string }) {
  return <Command text={`${program()} ${props.args}`} />
}
