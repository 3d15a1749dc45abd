namespace Tsunagi.Ddos.Detect;

/// <summary>What a rule of detection has found in the traffic to one target.</summary>
/// <param name="Vector">The attack's name.</param>
/// <param name="Packets">Packets a second of it: an estimate.</param>
/// <param name="Threshold">From where on it is one.</param>
/// <param name="Samples">Packets that were seen behind the estimate.</param>
/// <param name="Seconds">Over how many seconds.</param>
/// <param name="Kinds">The kinds of packets it is made of (<see cref="TrafficKind"/>).</param>
/// <param name="Why">What was held against what, in words.</param>
internal sealed record Finding(string Vector, long Packets, long Threshold, long Samples, int Seconds, IReadOnlyList<int> Kinds, string Why);
