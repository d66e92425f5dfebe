// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { BLS } from "solady/utils/ext/ithaca/BLS.sol";

/// @notice What a guarantee of any version promises, once decoded.
/// @dev `totalAmount` is what the tab owes in all, this guarantee included.
struct Guarantee {
    bytes32 domain;
    uint256 tabId;
    uint256 reqId;
    address client;
    address recipient;
    uint256 amount;
    uint256 totalAmount;
    address asset;
    uint64 timestamp;
    uint64 version;
}

/// @notice Decodes the guarantees of a version, and refuses those whose conditions are not met.
interface IGuaranteeDecoder {
    function decode(bytes calldata data) external view returns (Guarantee memory);
}

/// @title Stand-in for 4Mica's Core4Mica: collateral, delayed withdrawals, payments of tabs, guarantees signed with BLS
/// @dev ETH has the zero address. Tokens are held as they are: their yield is not modelled. An owner stands for the
/// authority's admins, an operator for the core service's account.
contract DevnetCore4Mica is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Timing {
        uint256 remunerationGracePeriod;
        uint256 tabExpirationTime;
        uint256 synchronizationDelay;
        uint256 withdrawalGracePeriod;
    }

    struct UserAsset {
        address asset;
        uint256 collateral;
        uint256 withdrawalRequestTimestamp;
        uint256 withdrawalRequestAmount;
    }

    struct WithdrawalRequest {
        uint256 timestamp;
        uint256 amount;
    }

    struct PaymentStatus {
        uint256 paid;
        bool remunerated;
        address asset;
    }

    struct VersionConfig {
        BLS.G1Point verificationKey;
        bytes32 domainSeparator;
        address decoder;
        bool enabled;
    }

    uint64 public constant INITIAL_GUARANTEE_VERSION = 1;

    address private immutable _owner;
    address private immutable _operator;

    uint256 public remunerationGracePeriod;
    uint256 public tabExpirationTime;
    uint256 public synchronizationDelay;
    uint256 public withdrawalGracePeriod;

    address[] private _tokens;
    mapping(address asset => bool) private _isSupported;
    mapping(address user => mapping(address asset => uint256)) private _collateral;
    mapping(address user => mapping(address asset => WithdrawalRequest)) public withdrawalRequests;
    mapping(uint256 tabId => PaymentStatus) public payments;
    mapping(bytes32 paymentId => bytes32) public paymentRecordDigests;
    mapping(uint64 version => VersionConfig) private _versions;

    event CollateralDeposited(address indexed user, address indexed asset, uint256 amount);
    event CollateralWithdrawn(address indexed user, address indexed asset, uint256 amount);
    event GuaranteeVersionUpdated(
        uint64 indexed version, BLS.G1Point verificationKey, bytes32 domainSeparator, address decoder, bool enabled
    );
    event PaymentRecordReplayed(
        bytes32 indexed paymentId, uint256 indexed tabId, address indexed asset, uint256 amount
    );
    event PaymentRecordedById(bytes32 indexed paymentId, uint256 indexed tabId, address indexed asset, uint256 amount);
    event RecipientRemunerated(uint256 indexed tabId, address indexed asset, uint256 amount);
    event TabPaid(
        uint256 indexed tabId, address indexed asset, address indexed user, address recipient, uint256 amount
    );
    event WithdrawalCanceled(address indexed user, address indexed asset);
    event WithdrawalRequested(address indexed user, address indexed asset, uint256 when, uint256 amount);

    error AccessManagedUnauthorized(address caller);
    error AmountZero();
    error DirectTransferNotAllowed();
    error DoubleSpendingDetected();
    error GracePeriodNotElapsed();
    error IllegalValue();
    error InsufficientAvailable();
    error InvalidAsset(address asset);
    error InvalidGuaranteeDomain();
    error InvalidRecipient();
    error InvalidSignature();
    error MissingGuaranteeDecoder(uint64 version);
    error NoWithdrawalRequested();
    error PaymentRecordConflict(bytes32 paymentId);
    error TabAlreadyPaid();
    error TabExpired();
    error TabNotYetOverdue();
    error TabPreviouslyRemunerated();
    error TransferFailed();
    error UnsupportedAsset(address asset);
    error UnsupportedGuaranteeVersion(uint64 version);
    error ZeroAddress();

    constructor(
        address owner,
        address operator,
        BLS.G1Point memory verificationKey,
        address[] memory tokens,
        Timing memory timing
    ) {
        _owner = owner;
        _operator = operator;
        _tokens = tokens;
        for (uint256 i = 0; i < tokens.length; ++i) {
            require(tokens[i] != address(0), ZeroAddress());
            _isSupported[tokens[i]] = true;
        }
        _setTiming(timing);
        bytes32 domain = keccak256(abi.encode("4MICA_CORE_GUARANTEE_V1", block.chainid, address(this)));
        _configure(INITIAL_GUARANTEE_VERSION, verificationKey, domain, address(0), true);
    }

    modifier only(address account) {
        require(msg.sender == account, AccessManagedUnauthorized(msg.sender));
        _;
    }

    receive() external payable {
        revert DirectTransferNotAllowed();
    }

    fallback() external payable {
        revert DirectTransferNotAllowed();
    }

    // -- configuration

    function configureGuaranteeVersion(
        uint64 version,
        BLS.G1Point calldata verificationKey,
        bytes32 domainSeparator,
        address decoder,
        bool enabled
    ) external only(_owner) {
        require(version == INITIAL_GUARANTEE_VERSION || decoder != address(0), MissingGuaranteeDecoder(version));
        _configure(version, verificationKey, domainSeparator, decoder, enabled);
    }

    function setTimingParameters(
        uint256 _remunerationGracePeriod,
        uint256 _tabExpirationTime,
        uint256 _synchronizationDelay,
        uint256 _withdrawalGracePeriod
    ) external only(_owner) {
        _setTiming(
            Timing(_remunerationGracePeriod, _tabExpirationTime, _synchronizationDelay, _withdrawalGracePeriod)
        );
    }

    // -- collateral

    function deposit() external payable {
        _deposit(address(0), msg.value);
    }

    function depositStablecoin(address asset, uint256 amount) external nonReentrant {
        require(_isSupported[asset], UnsupportedAsset(asset));
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        _deposit(asset, amount);
    }

    function requestWithdrawal(uint256 amount) external {
        _requestWithdrawal(address(0), amount);
    }

    function requestWithdrawal(address asset, uint256 amount) external {
        require(_isSupported[asset], UnsupportedAsset(asset));
        _requestWithdrawal(asset, amount);
    }

    function cancelWithdrawal() external {
        _cancelWithdrawal(address(0));
    }

    function cancelWithdrawal(address asset) external {
        _cancelWithdrawal(asset);
    }

    function finalizeWithdrawal() external nonReentrant {
        _finalizeWithdrawal(address(0));
    }

    function finalizeWithdrawal(address asset) external nonReentrant {
        _finalizeWithdrawal(asset);
    }

    // -- payment

    /// @notice Pays a tab in a token. Counts once the operator has recorded it.
    function payTabInERC20Token(uint256 tabId, address asset, uint256 amount, address recipient) external nonReentrant {
        require(_isSupported[asset], UnsupportedAsset(asset));
        require(amount != 0, AmountZero());
        require(recipient != address(0), InvalidRecipient());
        IERC20(asset).safeTransferFrom(msg.sender, recipient, amount);
        emit TabPaid(tabId, asset, msg.sender, recipient, amount);
    }

    /// @notice Counts a payment that the operator saw: once, however often it is told.
    function recordPaymentById(bytes32 paymentId, uint256 tabId, address asset, uint256 amount)
        external
        only(_operator)
    {
        require(amount != 0, AmountZero());
        bytes32 digest = keccak256(abi.encode(tabId, asset, amount));
        bytes32 recorded = paymentRecordDigests[paymentId];
        if (recorded == digest) {
            emit PaymentRecordReplayed(paymentId, tabId, asset, amount);
            return;
        }
        require(recorded == bytes32(0), PaymentRecordConflict(paymentId));
        PaymentStatus storage status = payments[tabId];
        require(status.paid == 0 || status.asset == asset, InvalidAsset(asset));
        paymentRecordDigests[paymentId] = digest;
        status.asset = asset;
        status.paid += amount;
        emit PaymentRecordedById(paymentId, tabId, asset, amount);
    }

    /// @notice Pays what a tab still owes out of the payer's collateral, once. Anyone may call.
    /// @param guaranteeData The envelope: abi.encode(version, guarantee).
    function remunerate(bytes calldata guaranteeData, BLS.G2Point calldata signature) external nonReentrant {
        Guarantee memory guarantee = verifyAndDecodeGuarantee(guaranteeData, signature);
        require(guarantee.domain == _versions[guarantee.version].domainSeparator, InvalidGuaranteeDomain());
        require(guarantee.amount != 0 && guarantee.totalAmount != 0, AmountZero());
        require(guarantee.recipient != address(0), InvalidRecipient());
        require(block.timestamp >= guarantee.timestamp + remunerationGracePeriod, TabNotYetOverdue());
        require(block.timestamp <= guarantee.timestamp + tabExpirationTime, TabExpired());

        PaymentStatus storage status = payments[guarantee.tabId];
        require(status.paid == 0 || status.asset == guarantee.asset, InvalidAsset(guarantee.asset));
        require(!status.remunerated, TabPreviouslyRemunerated());
        require(status.paid < guarantee.totalAmount, TabAlreadyPaid());
        uint256 amount = guarantee.totalAmount - status.paid;
        uint256 available = _collateral[guarantee.client][guarantee.asset];
        require(available >= amount, DoubleSpendingDetected());

        status.remunerated = true;
        status.asset = guarantee.asset;
        _collateral[guarantee.client][guarantee.asset] = available - amount;
        WithdrawalRequest storage withdrawal = withdrawalRequests[guarantee.client][guarantee.asset];
        if (withdrawal.amount > available - amount) withdrawal.amount = available - amount;
        emit RecipientRemunerated(guarantee.tabId, guarantee.asset, amount);
        _transfer(guarantee.asset, guarantee.recipient, amount);
    }

    // -- reading

    function verifyAndDecodeGuarantee(bytes calldata guarantee, BLS.G2Point calldata signature)
        public
        view
        returns (Guarantee memory decoded)
    {
        (uint64 version, bytes memory data) = abi.decode(guarantee, (uint64, bytes));
        VersionConfig storage config = _versions[version];
        require(config.enabled, UnsupportedGuaranteeVersion(version));
        require(_isSigned(guarantee, signature, config.verificationKey), InvalidSignature());
        decoded = config.decoder == address(0)
            ? abi.decode(data, (Guarantee))
            : IGuaranteeDecoder(config.decoder).decode(data);
        require(decoded.version == version, UnsupportedGuaranteeVersion(decoded.version));
    }

    function GUARANTEE_VERIFICATION_KEY()
        external
        view
        returns (bytes32 x_a, bytes32 x_b, bytes32 y_a, bytes32 y_b)
    {
        BLS.G1Point storage key = _versions[INITIAL_GUARANTEE_VERSION].verificationKey;
        return (key.x_a, key.x_b, key.y_a, key.y_b);
    }

    function guaranteeDomainSeparator() external view returns (bytes32) {
        return _versions[INITIAL_GUARANTEE_VERSION].domainSeparator;
    }

    function getGuaranteeVersionConfig(uint64 version)
        external
        view
        returns (BLS.G1Point memory verificationKey, bytes32 domainSeparator, address decoder, bool enabled)
    {
        VersionConfig storage config = _versions[version];
        return (config.verificationKey, config.domainSeparator, config.decoder, config.enabled);
    }

    function getPaymentStatus(uint256 tabId) external view returns (uint256 paid, bool remunerated, address asset) {
        PaymentStatus storage status = payments[tabId];
        return (status.paid, status.remunerated, status.asset);
    }

    function collateral(address userAddr) external view returns (uint256) {
        return _collateral[userAddr][address(0)];
    }

    function collateral(address userAddr, address asset) external view returns (uint256) {
        return _collateral[userAddr][asset];
    }

    function getUser(address userAddr)
        external
        view
        returns (uint256 assetCollateral, uint256 withdrawalRequestTimestamp, uint256 withdrawalRequestAmount)
    {
        return getUser(userAddr, address(0));
    }

    function getUser(address userAddr, address asset)
        public
        view
        returns (uint256 assetCollateral, uint256 withdrawalRequestTimestamp, uint256 withdrawalRequestAmount)
    {
        WithdrawalRequest storage withdrawal = withdrawalRequests[userAddr][asset];
        return (_collateral[userAddr][asset], withdrawal.timestamp, withdrawal.amount);
    }

    function getUserAllAssets(address userAddr) external view returns (UserAsset[] memory assets) {
        assets = new UserAsset[](_tokens.length + 1);
        for (uint256 i = 0; i < assets.length; ++i) {
            address asset = i == 0 ? address(0) : _tokens[i - 1];
            (uint256 held, uint256 timestamp, uint256 amount) = getUser(userAddr, asset);
            assets[i] = UserAsset(asset, held, timestamp, amount);
        }
    }

    function getERC20Tokens() external view returns (address[] memory) {
        return _tokens;
    }

    // -- internal

    function _setTiming(Timing memory timing) private {
        require(timing.remunerationGracePeriod < timing.tabExpirationTime, IllegalValue());
        require(timing.synchronizationDelay + timing.tabExpirationTime < timing.withdrawalGracePeriod, IllegalValue());
        remunerationGracePeriod = timing.remunerationGracePeriod;
        tabExpirationTime = timing.tabExpirationTime;
        synchronizationDelay = timing.synchronizationDelay;
        withdrawalGracePeriod = timing.withdrawalGracePeriod;
    }

    function _configure(
        uint64 version,
        BLS.G1Point memory verificationKey,
        bytes32 domainSeparator,
        address decoder,
        bool enabled
    ) private {
        _versions[version] = VersionConfig(verificationKey, domainSeparator, decoder, enabled);
        emit GuaranteeVersionUpdated(version, verificationKey, domainSeparator, decoder, enabled);
    }

    function _deposit(address asset, uint256 amount) private {
        require(amount != 0, AmountZero());
        _collateral[msg.sender][asset] += amount;
        emit CollateralDeposited(msg.sender, asset, amount);
    }

    function _requestWithdrawal(address asset, uint256 amount) private {
        require(amount != 0, AmountZero());
        require(amount <= _collateral[msg.sender][asset], InsufficientAvailable());
        withdrawalRequests[msg.sender][asset] = WithdrawalRequest(block.timestamp, amount);
        emit WithdrawalRequested(msg.sender, asset, block.timestamp, amount);
    }

    function _cancelWithdrawal(address asset) private {
        require(withdrawalRequests[msg.sender][asset].timestamp != 0, NoWithdrawalRequested());
        delete withdrawalRequests[msg.sender][asset];
        emit WithdrawalCanceled(msg.sender, asset);
    }

    function _finalizeWithdrawal(address asset) private {
        WithdrawalRequest memory withdrawal = withdrawalRequests[msg.sender][asset];
        require(withdrawal.timestamp != 0, NoWithdrawalRequested());
        require(block.timestamp >= withdrawal.timestamp + withdrawalGracePeriod, GracePeriodNotElapsed());
        delete withdrawalRequests[msg.sender][asset];
        _collateral[msg.sender][asset] -= withdrawal.amount;
        emit CollateralWithdrawn(msg.sender, asset, withdrawal.amount);
        _transfer(asset, msg.sender, withdrawal.amount);
    }

    function _transfer(address asset, address to, uint256 amount) private {
        if (asset != address(0)) return IERC20(asset).safeTransfer(to, amount);
        (bool isSuccess,) = to.call{ value: amount }("");
        require(isSuccess, TransferFailed());
    }

    /// @dev e(key, H(message)) = e(G1, signature), checked as e(key, H(message)) · e(−G1, signature) = 1.
    function _isSigned(bytes calldata message, BLS.G2Point calldata signature, BLS.G1Point memory key)
        private
        view
        returns (bool)
    {
        BLS.G1Point[] memory g1 = new BLS.G1Point[](2);
        BLS.G2Point[] memory g2 = new BLS.G2Point[](2);
        (g1[0], g2[0]) = (key, BLS.hashToG2(message));
        (g1[1], g2[1]) = (_negatedGenerator(), signature);
        return BLS.pairing(g1, g2);
    }

    function _negatedGenerator() private pure returns (BLS.G1Point memory) {
        return BLS.G1Point(
            bytes32(uint256(0x17f1d3a73197d7942695638c4fa9ac0f)),
            0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb,
            bytes32(uint256(0x114d1d6855d545a8aa7d76c8cf2e21f2)),
            0x67816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca
        );
    }
}
