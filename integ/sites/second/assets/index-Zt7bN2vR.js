document.title = 'The second release';
