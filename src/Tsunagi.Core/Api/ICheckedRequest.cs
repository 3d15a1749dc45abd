using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>A request with rules that attributes cannot say: members that go together, a header that must be readable.</summary>
public interface ICheckedRequest
{
    /// <summary>Null when all is well; else the member and what is allowed.</summary>
    Refusal? Check();
}
