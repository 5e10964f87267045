import { render } from 'solid-js/web'
import { App } from './app.tsx'
import { openSession } from './session/session.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/parts.css'
import './styles/board.css'

const place = document.getElementById('app')
if (place === null) throw new Error('The page has no place for the app')
openSession()
render(() => <App />, place)
