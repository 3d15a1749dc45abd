using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tsunagi.Mail.Checks;

namespace Tsunagi.Tests.Mail.Checks;
