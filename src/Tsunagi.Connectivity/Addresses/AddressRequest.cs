using Tsunagi.Core.Identity;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>Who is to get a part of a pool.</summary>
/// <param name="LineId">Empty where no line gets it. A line has one part of a pool at most: asking again gives the same.</param>
/// <param name="Wanted">This part and no other; null for whichever comes next.</param>
/// <param name="By">Who asked, where a person did: then audit and event are written with it.</param>
internal sealed record AddressRequest(string LineId, string TenantId, string TenantPath, string Device = "", AddressBlock? Wanted = null, Caller? By = null);
