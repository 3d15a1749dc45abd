using System.Collections.Immutable;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Protocols.Flow.Taxii;

/// <summary>TAXII 2.1 section 4.1: where the roots of a server are.</summary>
/// <param name="Title">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Contact">Whom to ask.</param>
/// <param name="Default">The root a client takes that was told of none.</param>
/// <param name="ApiRoots">Their addresses.</param>
public sealed record TaxiiDiscovery(string Title, string? Description, string? Contact, string? Default, ImmutableArray<string> ApiRoots);

/// <summary>TAXII 2.1 section 4.2: one root.</summary>
/// <param name="Title">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Versions">Media types that it speaks.</param>
/// <param name="MaxContentLength">Octets of a request at most.</param>
public sealed record TaxiiApiRoot(string Title, string? Description, ImmutableArray<string> Versions, long MaxContentLength);

/// <summary>TAXII 2.1 section 5.2: one collection, with what the asker may do.</summary>
public sealed record TaxiiCollection(string Id, string Title, string? Description, string? Alias, bool CanRead, bool CanWrite);

/// <summary>TAXII 2.1 section 5.3: one version of an object in a collection.</summary>
/// <param name="Id">Of the object.</param>
/// <param name="DateAdded">When it came into the collection.</param>
/// <param name="Version">Its modified, else created, else when it was added.</param>
public sealed record TaxiiManifestRecord(string Id, DateTimeOffset DateAdded, DateTimeOffset Version);

/// <summary>TAXII 2.1 section 4.3: what became of objects that were sent.</summary>
public sealed record TaxiiStatus(
    string Id, bool IsComplete, DateTimeOffset RequestTimestamp, ImmutableArray<TaxiiStatusDetail> Successes, ImmutableArray<TaxiiStatusDetail> Failures, ImmutableArray<TaxiiStatusDetail> Pendings)
{
    /// <summary>How many were sent.</summary>
    public int TotalCount => Successes.Length + Failures.Length + Pendings.Length;
}

/// <summary>One object of them.</summary>
/// <param name="Id">Of the object.</param>
/// <param name="Version">Its modified time, or created.</param>
/// <param name="Message">Why not, or what else is to be said.</param>
public sealed record TaxiiStatusDetail(string Id, DateTimeOffset Version, string? Message);

/// <summary>TAXII 2.1 section 3.6: why a request was refused.</summary>
public sealed record TaxiiError(string Title, string? Description, int HttpStatus);

/// <summary>TAXII 2.1 section 3.7: objects, and where the others are when there are more.</summary>
/// <param name="Content">The objects.</param>
/// <param name="HasMore">Whether there are others.</param>
/// <param name="Next">What the client sends back to get them.</param>
public sealed record TaxiiEnvelope(StixBundle Content, bool HasMore, string? Next);
