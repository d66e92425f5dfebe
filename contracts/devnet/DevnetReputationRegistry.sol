// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DevnetIdentityRegistry } from "./DevnetIdentityRegistry.sol";

/// @title Stand-in for the ERC-8004 ReputationRegistry: what clients say of agents
contract DevnetReputationRegistry {
    struct Feedback {
        int128 value;
        uint8 valueDecimals;
        bool isRevoked;
        string tag1;
        string tag2;
    }

    /// @dev Which feedback to read: no tag is any tag.
    struct Filter {
        string tag1;
        string tag2;
        bool includeRevoked;
    }

    int128 private constant MAX_VALUE = 1e38;
    uint8 private constant MAX_DECIMALS = 18;

    DevnetIdentityRegistry private immutable _identityRegistry;
    /// @dev Index i is at i - 1: indices start at 1.
    mapping(uint256 agentId => mapping(address client => Feedback[])) private _feedback;
    mapping(uint256 agentId => address[]) private _clients;
    mapping(bytes32 feedbackKey => address[]) private _responders;
    mapping(bytes32 feedbackKey => mapping(address responder => uint64)) private _responses;

    event NewFeedback(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        int128 value,
        uint8 valueDecimals,
        string indexed indexedTag1,
        string tag1,
        string tag2,
        string endpoint,
        string feedbackURI,
        bytes32 feedbackHash
    );
    event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex);
    event ResponseAppended(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        address indexed responder,
        string responseURI,
        bytes32 responseHash
    );

    constructor(address identityRegistry) {
        require(identityRegistry != address(0), "bad identity");
        _identityRegistry = DevnetIdentityRegistry(identityRegistry);
    }

    /// @notice Rates an agent; its owner and whom it approved cannot.
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string memory tag1,
        string memory tag2,
        string memory endpoint,
        string memory feedbackURI,
        bytes32 feedbackHash
    ) external {
        uint64 index = _append(agentId, Feedback(value, valueDecimals, false, tag1, tag2));
        emit NewFeedback(
            agentId, msg.sender, index, value, valueDecimals, tag1, tag1, tag2, endpoint, feedbackURI, feedbackHash
        );
    }

    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external {
        Feedback storage feedback = _at(agentId, msg.sender, feedbackIndex);
        require(!feedback.isRevoked, "Already revoked");
        feedback.isRevoked = true;
        emit FeedbackRevoked(agentId, msg.sender, feedbackIndex);
    }

    /// @notice Anyone's answer to feedback.
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external {
        require(feedbackIndex > 0, "index must be > 0");
        require(bytes(responseURI).length > 0, "Empty URI");
        _at(agentId, clientAddress, feedbackIndex);
        bytes32 key = _key(agentId, clientAddress, feedbackIndex);
        if (_responses[key][msg.sender] == 0) _responders[key].push(msg.sender);
        ++_responses[key][msg.sender];
        emit ResponseAppended(agentId, clientAddress, feedbackIndex, msg.sender, responseURI, responseHash);
    }

    function getLastIndex(uint256 agentId, address clientAddress) public view returns (uint64) {
        return uint64(_feedback[agentId][clientAddress].length);
    }

    function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)
        external
        view
        returns (int128 value, uint8 valueDecimals, string memory tag1, string memory tag2, bool isRevoked)
    {
        Feedback storage feedback = _at(agentId, clientAddress, feedbackIndex);
        return (feedback.value, feedback.valueDecimals, feedback.tag1, feedback.tag2, feedback.isRevoked);
    }

    /// @notice The mean of what the clients gave, in the commonest number of decimals (the least of equals). A client
    /// named twice counts twice.
    function getSummary(
        uint256 agentId,
        address[] memory clientAddresses,
        string memory tag1,
        string memory tag2
    ) external view returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals) {
        require(clientAddresses.length != 0, "clientAddresses required");
        (address[] memory clients, uint64[] memory indexes) =
            _find(agentId, clientAddresses, Filter(tag1, tag2, false));
        if (clients.length == 0) return (0, 0, 0);
        (summaryValue, summaryValueDecimals) = _mean(agentId, clients, indexes);
        count = uint64(clients.length);
    }

    /// @notice What the clients gave, or all clients where none is named.
    function readAllFeedback(
        uint256 agentId,
        address[] memory clientAddresses,
        string memory tag1,
        string memory tag2,
        bool includeRevoked
    )
        external
        view
        returns (
            address[] memory clients,
            uint64[] memory feedbackIndexes,
            int128[] memory values,
            uint8[] memory valueDecimals,
            string[] memory tag1s,
            string[] memory tag2s,
            bool[] memory revokedStatuses
        )
    {
        (clients, feedbackIndexes) = _find(agentId, clientAddresses, Filter(tag1, tag2, includeRevoked));
        values = new int128[](clients.length);
        valueDecimals = new uint8[](clients.length);
        tag1s = new string[](clients.length);
        tag2s = new string[](clients.length);
        revokedStatuses = new bool[](clients.length);
        for (uint256 i = 0; i < clients.length; ++i) {
            Feedback memory feedback = _at(agentId, clients[i], feedbackIndexes[i]);
            values[i] = feedback.value;
            valueDecimals[i] = feedback.valueDecimals;
            tag1s[i] = feedback.tag1;
            tag2s[i] = feedback.tag2;
            revokedStatuses[i] = feedback.isRevoked;
        }
    }

    /// @notice Answers to one feedback, to all of a client's (index 0), or to everybody's (client zero). No responders:
    /// any.
    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count) {
        if (clientAddress != address(0)) return _countOf(agentId, clientAddress, feedbackIndex, responders);
        address[] storage clients = _clients[agentId];
        for (uint256 i = 0; i < clients.length; ++i) {
            count += _countOf(agentId, clients[i], 0, responders);
        }
    }

    function getClients(uint256 agentId) external view returns (address[] memory) {
        return _clients[agentId];
    }

    function getIdentityRegistry() external view returns (address) {
        return address(_identityRegistry);
    }

    function getVersion() external pure returns (string memory) {
        return "2.0.0";
    }

    // -- internal

    function _append(uint256 agentId, Feedback memory feedback) private returns (uint64) {
        require(feedback.valueDecimals <= MAX_DECIMALS, "too many decimals");
        require(feedback.value >= -MAX_VALUE && feedback.value <= MAX_VALUE, "value too large");
        require(!_identityRegistry.isAuthorizedOrOwner(msg.sender, agentId), "Self-feedback not allowed");
        Feedback[] storage given = _feedback[agentId][msg.sender];
        if (given.length == 0) _clients[agentId].push(msg.sender);
        given.push(feedback);
        return uint64(given.length);
    }

    function _at(uint256 agentId, address client, uint64 index) private view returns (Feedback storage) {
        require(index > 0, "index must be > 0");
        require(index <= getLastIndex(agentId, client), "index out of bounds");
        return _feedback[agentId][client][index - 1];
    }

    function _find(uint256 agentId, address[] memory among, Filter memory filter)
        private
        view
        returns (address[] memory clients, uint64[] memory indexes)
    {
        if (among.length == 0) among = _clients[agentId];
        uint256 size;
        for (uint256 i = 0; i < among.length; ++i) {
            size += getLastIndex(agentId, among[i]);
        }
        clients = new address[](size);
        indexes = new uint64[](size);
        uint256 found;
        for (uint256 i = 0; i < among.length; ++i) {
            Feedback[] storage given = _feedback[agentId][among[i]];
            for (uint256 j = 0; j < given.length; ++j) {
                if (!_matches(given[j], filter)) continue;
                clients[found] = among[i];
                indexes[found++] = uint64(j + 1);
            }
        }
        assembly ("memory-safe") {
            mstore(clients, found)
            mstore(indexes, found)
        }
    }

    function _mean(uint256 agentId, address[] memory clients, uint64[] memory indexes)
        private
        view
        returns (int128 mean, uint8 decimals)
    {
        uint64[19] memory frequencies;
        int256 sum;
        for (uint256 i = 0; i < clients.length; ++i) {
            Feedback storage feedback = _at(agentId, clients[i], indexes[i]);
            ++frequencies[feedback.valueDecimals];
            sum += feedback.value * _scale(feedback.valueDecimals);
        }
        for (uint8 candidate = 1; candidate <= MAX_DECIMALS; ++candidate) {
            if (frequencies[candidate] > frequencies[decimals]) decimals = candidate;
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        mean = int128(sum / int256(clients.length) / _scale(decimals));
    }

    function _matches(Feedback storage feedback, Filter memory filter) private view returns (bool) {
        return (filter.includeRevoked || !feedback.isRevoked) && _matchesTag(filter.tag1, feedback.tag1)
            && _matchesTag(filter.tag2, feedback.tag2);
    }

    function _matchesTag(string memory wanted, string memory tag) private pure returns (bool) {
        return bytes(wanted).length == 0 || keccak256(bytes(wanted)) == keccak256(bytes(tag));
    }

    /// @dev From a number of decimals to 18.
    function _scale(uint8 decimals) private pure returns (int256) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return int256(10 ** uint256(MAX_DECIMALS - decimals));
    }

    function _countOf(uint256 agentId, address client, uint64 feedbackIndex, address[] calldata responders)
        private
        view
        returns (uint64 count)
    {
        uint64 first = feedbackIndex == 0 ? 1 : feedbackIndex;
        uint64 last = feedbackIndex == 0 ? getLastIndex(agentId, client) : feedbackIndex;
        for (uint64 index = first; index <= last; ++index) {
            bytes32 key = _key(agentId, client, index);
            address[] memory among = responders;
            if (among.length == 0) among = _responders[key];
            for (uint256 i = 0; i < among.length; ++i) {
                count += _responses[key][among[i]];
            }
        }
    }

    function _key(uint256 agentId, address client, uint64 index) private pure returns (bytes32) {
        return keccak256(abi.encode(agentId, client, index));
    }
}
