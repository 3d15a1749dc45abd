namespace Tsunagi.Scenarios.Isolation;

/// <summary>
/// Scenarios that take tenant filters out: the switch is one for the whole process, so nothing else runs beside them. `./tsunagi test` gives them a process of
/// their own (the trait Process=own), so that the others do not wait.
/// </summary>
[CollectionDefinition(nameof(Filters_off), DisableParallelization = true)]
public class Filters_off;
