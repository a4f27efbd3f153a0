document.title = 'The first release';
