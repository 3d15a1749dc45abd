using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>The objects of a bundle (STIX 2.1 section 8) or of an envelope of TAXII (TAXII 2.1 section 3.7).</summary>
/// <param name="Objects">Those that can be read, in their order.</param>
/// <param name="Refused">Those that cannot, each with the reason: one bad object does not take the others with it.</param>
public sealed record StixBundle(ImmutableArray<StixObject> Objects, ImmutableArray<StixError> Refused);
