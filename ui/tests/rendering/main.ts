import { mount } from 'svelte';
import '../../src/app.css';
import Stage from './Stage.svelte';
import { stage } from './stage.svelte';
import { CountedWorker } from './worker';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
document.documentElement.dataset.theme = new URLSearchParams(location.search).get('theme') ?? 'light';
mount(Stage, { target });
Object.assign(window, { stage, Worker: CountedWorker });
