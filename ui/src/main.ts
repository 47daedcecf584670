import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { connect } from '$lib/ipc/connect';
import { showLastTheme } from '$lib/state/theme';

showLastTheme();

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

// No await at the top: parts that load later import this file, and would wait for it while it waits for them.
void connect().then((backend) => mount(App, { target, props: { backend } }));
