namespace Tsunagi.Scenarios.Isolation;

/// <summary>Scenarios that take tenant filters out: the switch is one for the whole process, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(Filters_off), DisableParallelization = true)]
public class Filters_off;
