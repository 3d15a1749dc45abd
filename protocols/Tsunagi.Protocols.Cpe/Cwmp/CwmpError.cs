namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>Why a message cannot be read.</summary>
/// <param name="Offset">Octets before the place.</param>
/// <param name="Reason">A sentence without a full stop.</param>
public readonly record struct CwmpError(long Offset, string Reason);
