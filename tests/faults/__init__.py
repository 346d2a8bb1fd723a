"""What must hold when something breaks: crashes, lost answers, full disks, several processes."""
