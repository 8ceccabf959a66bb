"""Measuring the measure: does the money tell good choices from merely correct ones, repeatably?"""
