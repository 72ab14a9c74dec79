"""What must hold on a GPU too; skipped where torch finds none, for nothing needs one."""
