from davit.exceptions import AbortTransaction as AbortTransaction
